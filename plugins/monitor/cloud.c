/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Notices that a cloud will take a host away, as an agent on it writes them into a file for each
 * host: what the provider's metadata service says. A file that is there and says neither "",
 * "FALSE" nor "NONE" is a notice; the first time in it, as 2026-12-01T08:00:00Z, is when the host
 * goes.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <rankferry/plugin.h>

/* `pattern` with each "%h" as the host. */
static int make_path(const char *pattern, const char *host, char *path, size_t size)
{
	size_t used = 0, n = strlen(host);

	for (; *pattern; pattern++) {
		int is_host = pattern[0] == '%' && pattern[1] == 'h';
		size_t more = is_host ? n : 1;

		if (used + more >= size)
			return -1;
		memcpy(path + used, is_host ? host : pattern, more);
		used += more;
		pattern += is_host;
	}
	path[used] = '\0';
	return 0;
}

static int64_t first_time(const char *text)
{
	struct tm tm = {0};
	const char *end;

	for (; *text; text++) {
		if (strlen(text) < 20 || text[4] != '-' || text[10] != 'T')
			continue;
		end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
		if (end && *end == 'Z')
			return (int64_t)timegm(&tm);
	}
	return 0;
}

/* 1: there is a notice; 0: none; -1 after a fail(). */
static int read_notice(const struct rankferry_core *core, const char *path, int64_t *deadline)
{
	FILE *file = fopen(path, "re");
	char text[4096];
	size_t n;

	if (!file)
		return errno == ENOENT
			       ? 0
			       : core->fail(core, "can not read %s: %s", path, strerror(errno));
	n = fread(text, 1, sizeof(text) - 1, file);
	if (ferror(file)) {
		fclose(file);
		return core->fail(core, "can not read %s", path);
	}
	fclose(file);
	text[n] = '\0';
	n = strcspn(text, "\r\n");
	if (n == 0 || strncasecmp(text, "FALSE", n) == 0 || strncasecmp(text, "NONE", n) == 0)
		return 0;
	*deadline = first_time(text);
	return 1;
}

static int look(const struct rankferry_core *core, void *self,
		const struct rankferry_host *const *host, unsigned hosts)
{
	const char *pattern = core->option(core, "file");
	char path[4096];
	unsigned i;
	int rc = 0;

	(void)self;
	for (i = 0; i < hosts; i++) {
		struct rankferry_word word = {sizeof(word), host[i]->name, RANKFERRY_DRAIN, 0,
					      "the cloud takes it away"};
		int there;

		if (make_path(pattern, host[i]->name, path, sizeof(path)) < 0)
			return core->fail(core, "the file of %s has too long a name",
					  host[i]->name);
		there = read_notice(core, path, &word.deadline);
		if (there < 0)
			rc = -1;
		else if (there)
			core->tell(core, &word);
	}
	return rc;
}

static int open_cloud(const struct rankferry_core *core, void **self)
{
	(void)self;
	return strstr(core->option(core, "file"), "%h")
		       ? 0
		       : core->fail(core, "file must have %%h, for the host, in it");
}

static const struct rankferry_option options[] = {
	{"file", NULL, "where a host's notice is, such as /shared/notices/%h"},
	{NULL, NULL, NULL},
};

const struct rankferry_plugin rankferry_plugin = {
	.size = sizeof(rankferry_plugin),
	.abi = RANKFERRY_PLUGIN_ABI,
	.kind = RANKFERRY_MONITOR,
	.name = "cloud",
	.version = "1",
	.help = "notices of a cloud that it takes a host away, in a file for each host",
	.option = options,
	.every_ms = 1000,
	.open = open_cloud,
	.look = look,
};
