/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Runs a command for each event, which it gets in its environment: RANKFERRY_EVENT, RANKFERRY_TIME,
 * RANKFERRY_JOB, RANKFERRY_TEXT, RANKFERRY_JSON.
 */
#include <stdlib.h>
#include <string.h>

#include <rankferry/plugin.h>

#define COMMAND_MS 8000

static int notify(const struct rankferry_core *core, void *self,
		  const struct rankferry_event *event)
{
	const char *command = core->option(core, "command");
	const char *argv[] = {"/bin/sh", "-c", command, NULL};
	int rc;

	(void)self;
	if (setenv("RANKFERRY_EVENT", event->name, 1) < 0 ||
	    setenv("RANKFERRY_TIME", event->time, 1) < 0 ||
	    setenv("RANKFERRY_JOB", event->job, 1) < 0 ||
	    setenv("RANKFERRY_TEXT", event->text, 1) < 0 ||
	    setenv("RANKFERRY_JSON", event->json, 1) < 0)
		return core->fail(core, "no memory");
	rc = core->run(core, argv, COMMAND_MS, NULL, 0);
	if (rc == RANKFERRY_NOT_ENDED)
		return core->fail(core, "`%s' has not ended within %d s", command,
				  COMMAND_MS / 1000);
	return rc > 0 ? core->fail(core, "`%s' has ended with %d", command, rc) : rc;
}

static const struct rankferry_option options[] = {
	{"command", NULL,
	 "the shell command; RANKFERRY_EVENT, _TIME, _JOB, _TEXT and _JSON are set"},
	{NULL, NULL, NULL},
};

const struct rankferry_plugin rankferry_plugin = {
	.size = sizeof(rankferry_plugin),
	.abi = RANKFERRY_PLUGIN_ABI,
	.kind = RANKFERRY_NOTIFY,
	.name = "exec",
	.version = "1",
	.help = "runs a command for each event",
	.option = options,
	.notify = notify,
};
