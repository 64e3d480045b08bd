/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Can a rank that runs on one host go on on another? Its keeper describes what it runs on there:
 * the CPU, and the build-ids of its program, of glibc and of Open MPI. The keeper of the other host
 * compares. A program whose file has been removed or built anew meanwhile is not compared: an image
 * has all of it.
 */
#ifndef RF_LAUNCHER_LIKENESS_H
#define RF_LAUNCHER_LIKENESS_H

#include <jansson.h>
#include <sys/types.h>

#include "util/error.h"

/* Texts about a process of this host, "cpu HEX" and "PATH BUILD-ID" each. NULL: it is not ours. */
json_t *rf_likeness_describe(pid_t pid, struct rf_error *err);

/* 0, or -1: this host is another one, in a way that matters. */
int rf_likeness_compare(const json_t *texts, struct rf_error *err);

#define RF_LIKENESS_MS 3000 /* for files of a process: their server may be gone */

/*
 * The keeper's answer to "describe" or "compare"; NULL: it is neither. Files are read by a child
 * (aside.h): waits up to RF_LIKENESS_MS, and the answer says so if they can not be read then.
 */
json_t *rf_likeness_answer(const json_t *message);

/* How many CPUs this process may use; 0: not known. */
int rf_likeness_cpus(void);

#endif
