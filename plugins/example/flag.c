/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An example of a plugin: a host is to be emptied as long as there is a file with its name in a
 *directory.
 *
 *	cc -shared -fPIC -o ~/plugins/monitor-flag.so flag.c
 *	RANKFERRY_PLUGIN_PATH=~/plugins rankferry run --monitor flag:dir=/site/flags mpirun ...
 */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rankferry/plugin.h>

/* Called every two seconds: `host` are the hosts that the job could use now. */
static int look(const struct rankferry_core *core, void *self,
		const struct rankferry_host *const *host, unsigned hosts)
{
	const char *dir = core->option(core, "dir");
	struct stat there;
	char path[4096];
	unsigned i;

	(void)self;
	/* not to be able to look is no news of any host: what was told before remains */
	if (stat(dir, &there) < 0)
		return core->fail(core, "%s is not there", dir);
	for (i = 0; i < hosts; i++) {
		const struct rankferry_word word = {
			.size = sizeof(word),
			.host = host[i]->name,
			.state = RANKFERRY_DRAIN,
			.reason = "its flag is set",
		};

		snprintf(path, sizeof(path), "%s/%s", dir, host[i]->name);
		if (access(path, F_OK) == 0)
			core->tell(core, &word);
	}
	return 0;
}

static const struct rankferry_option options[] = {
	{"dir", NULL, "the directory with the flags"}, /* no preset: it must be given */
	{NULL, NULL, NULL},
};

const struct rankferry_plugin rankferry_plugin = {
	.size = sizeof(rankferry_plugin),
	.abi = RANKFERRY_PLUGIN_ABI,
	.kind = RANKFERRY_MONITOR,
	.name = "flag",
	.version = "1",
	.help = "hosts are to be emptied while a file with their name is in a directory",
	.option = options,
	.every_ms = 2000,
	.look = look,
};
