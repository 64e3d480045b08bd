/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The options of mpirun, and what they are to a line that is run again: the table of
 * schizo_ompi.c, orte_rmaps and mca_base_cmd_line.c of Open MPI 4.1.
 */
#ifndef RF_LAUNCHER_OPTIONS_H
#define RF_LAUNCHER_OPTIONS_H

#include <stdbool.h>

enum rf_option_class {
	RF_OPTION_KEEP,	     /* means the same a second time */
	RF_OPTION_WHERE,     /* which ranks run on which hosts */
	RF_OPTION_COUNT,     /* the number of ranks */
	RF_OPTION_PARAMETER, /* an MCA parameter: rf_parameter_is_where() knows */
	RF_OPTION_SHOW,	     /* only prints something at the start */
	RF_OPTION_ONCE,	     /* has an effect that a second mpirun would spoil */
	RF_OPTION_NEVER,     /* the line is not a job's, or what it does is not on the line */
};

struct rf_option {
	const char *name; /* without dashes; NULL ends the table */
	int values;
	enum rf_option_class class;
};

/* By the word of a line, "-np" or "--np". NULL if mpirun has no such option. */
const struct rf_option *rf_option_find(const char *word);

/* Does this MCA parameter say where ranks run? */
bool rf_parameter_is_where(const char *name);

#endif
