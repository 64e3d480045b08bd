/* SPDX-License-Identifier: BSD-3-Clause */
/* Appends each event to a file, as a JSON object on a line, by one write: many jobs may share the
 * file. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rankferry/plugin.h>

static int notify(const struct rankferry_core *core, void *self,
		  const struct rankferry_event *event)
{
	const char *path = core->option(core, "file");
	size_t n = strlen(event->json);
	char *line = malloc(n + 1);
	int fd, bad = 0;

	(void)self;
	if (!line)
		return core->fail(core, "no memory");
	memcpy(line, event->json, n);
	line[n] = '\n';
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
	if (fd < 0 || write(fd, line, n + 1) != (ssize_t)n + 1)
		bad = errno ? errno : ENOSPC;
	if (fd >= 0 && close(fd) < 0)
		bad = errno;
	free(line);
	return bad ? core->fail(core, "can not write to %s: %s", path, strerror(bad)) : 0;
}

static const struct rankferry_option options[] = {
	{"file", NULL, "the file to append to"},
	{NULL, NULL, NULL},
};

const struct rankferry_plugin rankferry_plugin = {
	.size = sizeof(rankferry_plugin),
	.abi = RANKFERRY_PLUGIN_ABI,
	.kind = RANKFERRY_NOTIFY,
	.name = "jsonl",
	.version = "1",
	.help = "appends each event to a file, a JSON object on a line",
	.option = options,
	.notify = notify,
};
