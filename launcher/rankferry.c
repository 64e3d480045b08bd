/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "config.h"
#include "say.h"
#include "verdict.h"

static int version_main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		return rf_usage_error("version", "takes no arguments");
	puts(PACKAGE_STRING);
	return 0;
}

const struct rf_verb rf_verbs[] = {
	{"run",
	 "[--job NAME [--resume]] [--store DIR] [--policy FILE] [--set KEY=VALUE]... "
	 "[--every TIME] [--recover N [RECOVER-OPTION]...] [--require-movable] [--verbose]... "
	 "mpirun "
	 "[ARGUMENT]...",
	 "run an MPI job whose ranks can be moved", rf_run_main},
	{"restart",
	 "[--policy FILE] [--set KEY=VALUE]... [--recover N [RECOVER-OPTION]...] "
	 "[--require-movable] [--verbose]... SNAPSHOT|STORE/JOB [MPIRUN-OPTION]...",
	 "go on with a job from a snapshot", rf_restart_main},
	{"list", "[--json] [STORE[/JOB]]...", "list snapshots", rf_handoff_main},
	{"inspect", "[--rank N] [--json] SNAPSHOT", "show what is in a snapshot", rf_handoff_main},
	{"verify", "[--quick] [--json] SNAPSHOT...", "check every byte of a snapshot",
	 rf_handoff_main},
	{"prune", "--keep N [--only NUMBERS] [--partial] [--dry-run] [--json] STORE/JOB",
	 "remove old snapshots of a job", rf_handoff_main},
	{"snapshot",
	 "[--sync] [--stop] [--full] [--deadline TIME] [--compress none|lz4|zstd[:LEVEL]] "
	 "[--[no-]save-files] "
	 "[--json] [JOB]",
	 "take a snapshot of a running job", rf_snapshot_main},
	{"status", "[--watch] [--json] [JOB]", "show the running jobs, or the ranks of one",
	 rf_status_main},
	{"events", "[--follow] [--json] [JOB] | [--json] [--store STORE] JOB | [--json] STORE/JOB",
	 "show what has happened to a job", rf_events_main},
	{"evacuate", "[--job JOB] [--to HOSTS] [--deadline TIME] [--dry-run] [--json] HOST...",
	 "move a job's ranks away from hosts while it runs", rf_evacuate_main},
	{"return", "[--job JOB] [--deadline TIME] [--dry-run] [--json] HOST...",
	 "let ranks go home to hosts that they were moved away from", rf_return_main},
	{"migrate", "--ranks RANKS --to HOSTS [--deadline TIME] [--dry-run] [--json] [JOB]",
	 "move ranks of a job while it runs", rf_migrate_main},
	{"policy",
	 "check FILE... | show [--json] [FILE] | explain [FILE] | apply [JOB] FILE | schema",
	 "check what jobs do by themselves, show it, give it to a running job", rf_policy_main},
	{"plugins", "[--json] [KIND] [NAME]", "show the plugins that there are, and their options",
	 rf_plugins_main},
	{"doctor", "[--json]", "check whether this host can run such jobs", rf_doctor_main},
	{"help", "[VERB]", "show this, or the usage of a verb", rf_help_main},
	{"version", "", "show the version", version_main},
	{0},
};

int rf_usage_error(const char *verb, const char *format, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	if (verb)
		rf_say("%s: %s; see `rankferry help %s'", verb, text, verb);
	else
		rf_say("%s; see `rankferry help'", text);
	return RF_EXIT_OWN;
}

int main(int argc, char **argv)
{
	static const char *const aliases[][2] = {
		{"--help", "help"}, {"-h", "help"}, {"--version", "version"}, {"-V", "version"}};
	const struct rf_verb *verb;
	const char *name;
	size_t i;

	if (argc < 2)
		return rf_usage_error(NULL, "no verb given");
	name = argv[1];
	for (i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (strcmp(name, aliases[i][0]) == 0)
			name = aliases[i][1];
	for (verb = rf_verbs; verb->name; verb++)
		if (strcmp(verb->name, name) == 0)
			return verb->main(argc - 1, argv + 1);
	return rf_usage_error(NULL, "'%s' is not a verb", name);
}
