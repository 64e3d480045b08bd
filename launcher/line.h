/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An mpirun line, understood well enough to run the same job elsewhere: its options are known one
 * by one (options.c), nothing is guessed. The rules are those of opal_cmd_line_parse() and
 * parse_locals() of Open MPI 4.1: contexts are separated by ":" wherever it stands, options begin
 * with "-" or "--" alike, the first word that is no option is the program.
 *
 * A line of Rankferry's own, for a snapshot that goes on elsewhere or a later generation, differs
 * from the user's only in what says where ranks run.
 */
#ifndef RF_LAUNCHER_LINE_H
#define RF_LAUNCHER_LINE_H

#include "util/error.h"

#define RF_LINE_RANKS_UNSAID (-1) /* mpirun counts hosts or slots */

struct rf_line;

/* NULL and `err`, naming the word, when there is something in it that is not understood. Copies. */
struct rf_line *rf_line_parse(char *const argv[], struct rf_error *err);
void rf_line_destroy(struct rf_line *line);

unsigned rf_line_contexts(const struct rf_line *line);

/* How many ranks the line asks for, in all contexts, or RF_LINE_RANKS_UNSAID. */
long rf_line_ranks(const struct rf_line *line);

/*
 * The line with other options about where its `ranks` ranks run, for a restart: `options` are words
 * of mpirun (no program). If any of them says where ranks run, all that the line says about it is
 * left out; any other option replaces those of its name; all go into each context. The number of
 * ranks can not be changed by it. The caller frees with rf_line_free().
 */
char **rf_line_merge(const struct rf_line *line, char *const options[], unsigned ranks,
		     struct rf_error *err);

/*
 * The line for a later generation of a job with `ranks` ranks: without all that says where ranks
 * run, and without what would be printed a second time. Where they run is said by
 * rf_line_set_places(). NULL and `err`, naming the option, for a line that can not be run a second
 * time, as with files that mpirun would begin anew.
 */
char **rf_line_again(const struct rf_line *line, unsigned ranks, struct rf_error *err);

/*
 * Sets in this process's environment, for an mpirun that it starts, the parameters by which rank N
 * runs on the host of the N-th line of `hostfile`, and removes all that would contradict.
 */
int rf_line_set_places(const char *hostfile, struct rf_error *err);

void rf_line_free(char **argv);

#endif
