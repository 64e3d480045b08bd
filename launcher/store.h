/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rankferry-store: all that reads or changes snapshots on disk, in a program of its own. HDF5 with
 * the libraries that it needs is then neither in the coordinator nor loaded by each `rankferry
 * run`, and the coordinator never waits for a disk. `rankferry list` and its like execute it.
 *
 * Exit codes of its verbs: 0, 1 (a snapshot is damaged, missing or not readable), 2 (the command
 * line is wrong), 125 (it failed itself).
 */
#ifndef RF_LAUNCHER_STORE_H
#define RF_LAUNCHER_STORE_H

#include <jansson.h>

#include "util/error.h"

#define RF_STORE_BAD   1
#define RF_STORE_USAGE 2

struct rf_store_verb {
	const char *name, *usage;
	int (*main)(int argc, char **argv);
};

int rf_list_main(int argc, char **argv);
int rf_inspect_main(int argc, char **argv);
int rf_verify_main(int argc, char **argv);
int rf_prune_main(int argc, char **argv);
int rf_begin_main(int argc, char **argv);
int rf_publish_main(int argc, char **argv);
int rf_abandon_main(int argc, char **argv);
int rf_copy_main(int argc, char **argv);
int rf_discard_main(int argc, char **argv);

/* One line about a wrong command line. Returns RF_STORE_USAGE. */
int rf_store_misused(const char *verb, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Prints the usage of a verb. Returns 0. */
int rf_store_help(const char *verb);

/* Prints JSON or says why not; takes the reference. Returns 0 or RF_EXIT_OWN. */
int rf_store_print(json_t *document);

/* Ends the output: `status`, or RF_EXIT_OWN when stdout has failed. */
int rf_store_done(int status);

#endif
