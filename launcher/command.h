/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The verbs of the rankferry command, one file each: rankferry.c has the table. A verb gets its own
 * argv (argv[0] is the verb) and returns the exit code. Its help is its usage line, its man page is
 * rankferry-VERB(1).
 */
#ifndef RF_LAUNCHER_COMMAND_H
#define RF_LAUNCHER_COMMAND_H

struct rf_verb {
	const char *name;
	const char *usage;   /* after "rankferry NAME " */
	const char *summary; /* one line */
	int (*main)(int argc, char **argv);
};

extern const struct rf_verb rf_verbs[]; /* ended by a NULL name */

int rf_run_main(int argc, char **argv);
int rf_restart_main(int argc, char **argv);
int rf_snapshot_main(int argc, char **argv);
int rf_status_main(int argc, char **argv);
int rf_events_main(int argc, char **argv);
int rf_evacuate_main(int argc, char **argv);
int rf_migrate_main(int argc, char **argv);
int rf_plugins_main(int argc, char **argv);
int rf_return_main(int argc, char **argv);
int rf_doctor_main(int argc, char **argv);
int rf_help_main(int argc, char **argv);
int rf_policy_main(int argc, char **argv);
int rf_handoff_main(int argc, char **argv); /* list, inspect, verify, prune */

/* One line about a wrong command line, with the way to the help. Returns RF_EXIT_OWN. */
int rf_usage_error(const char *verb, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
