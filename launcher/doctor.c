/* SPDX-License-Identifier: BSD-3-Clause */
/* rankferry doctor: can this host run jobs whose ranks can be moved, and what is to be done if not?
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <libsmartcols.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checks.h"
#include "command.h"
#include "say.h"
#include "verdict.h"

const struct rf_check rf_checks[] = {
	{"Open MPI", rf_check_mpirun},
	{"fork agent", rf_check_agent},
	{"launch agents", rf_check_launch},
	{"Rankferry", rf_check_parts},
	{"gate", rf_check_gate},
	{"FSGSBASE", rf_check_fsgsbase},
	{"memory tracking", rf_check_tracking},
	{"restore", rf_check_restore},
	{"ptrace", rf_check_ptrace},
	{"HDF5", rf_check_hdf5},
	{"run directory", rf_check_rundir},
	{"shared memory", rf_check_shm},
	{"network", rf_check_network},
	{"open files", rf_check_files},
	{"locked memory", rf_check_locked},
	{0},
};

#define CHECKS (sizeof(rf_checks) / sizeof(rf_checks[0]) - 1)

static const char *const levels[] = {"ok", "warn", "FAIL"};

void rf_found(struct rf_finding *finding, enum rf_level level, const char *advice,
	      const char *format, ...)
{
	va_list ap;

	finding->level = level;
	snprintf(finding->advice, sizeof(finding->advice), "%s", advice);
	va_start(ap, format);
	vsnprintf(finding->text, sizeof(finding->text), format, ap);
	va_end(ap);
}

static int print_json(const struct rf_finding *findings)
{
	json_t *list = json_array();
	size_t i;
	int rc;

	for (i = 0; i < CHECKS; i++)
		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:s, s:s}", "check", rf_checks[i].name,
						"level", levels[findings[i].level], "found",
						findings[i].text, "advice", findings[i].advice));
	rc = json_dumpf(list, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(list);
	return rc;
}

static int print_table(const struct rf_finding *findings)
{
	struct libscols_table *table;
	int rc = -1;
	size_t i;

	scols_init_debug(0);
	table = scols_new_table();
	if (!table)
		return -1;
	scols_table_enable_noheadings(table, 1);
	if (!scols_table_new_column(table, "CHECK", 0, 0) ||
	    !scols_table_new_column(table, "LEVEL", 0, 0) ||
	    !scols_table_new_column(table, "FOUND", 0, SCOLS_FL_WRAP))
		goto out;
	for (i = 0; i < CHECKS; i++) {
		struct libscols_line *line = scols_table_new_line(table, NULL);
		char text[sizeof(findings[i].text) + sizeof(findings[i].advice) + 8];

		snprintf(text, sizeof(text), "%s%s%s", findings[i].text,
			 *findings[i].advice ? "; " : "", findings[i].advice);
		if (!line || scols_line_set_data(line, 0, rf_checks[i].name) ||
		    scols_line_set_data(line, 1, levels[findings[i].level]) ||
		    scols_line_set_data(line, 2, text))
			goto out;
	}
	rc = scols_print_table(table);
out:
	scols_unref_table(table);
	return rc;
}

int rf_doctor_main(int argc, char **argv)
{
	static const struct option options[] = {
		{"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {0}};
	struct rf_finding *findings;
	bool json = false, failed = false;
	int o, rc;
	size_t i;

	opterr = 0;
	while ((o = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (o == 'h')
			return rf_help_main(2, (char *[]){"help", "doctor", NULL});
		if (o != 'j')
			return rf_usage_error("doctor", "unknown option %s", argv[optind - 1]);
		json = true;
	}
	if (optind < argc)
		return rf_usage_error("doctor", "takes no arguments");
	findings = calloc(CHECKS, sizeof(*findings));
	if (!findings) {
		rf_say("no memory");
		return RF_EXIT_OWN;
	}
	for (i = 0; i < CHECKS; i++) {
		rf_checks[i].run(&findings[i]);
		failed = failed || findings[i].level == RF_CHECK_FAIL;
	}
	rc = json ? print_json(findings) : print_table(findings);
	free(findings);
	if (rc < 0 || fflush(stdout) != 0) {
		rf_say("can not print: %s", strerror(errno));
		return RF_EXIT_OWN;
	}
	return failed ? 1 : 0;
}
