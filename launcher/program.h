/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The program of a rank: found as Open MPI's daemon would have found it, and judged: can a library
 * be preloaded into it? If not, it can only run natively.
 */
#ifndef RF_LAUNCHER_PROGRAM_H
#define RF_LAUNCHER_PROGRAM_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * The file to execute for `name` (argv[0]): itself if there is a slash in it, else the first match
 * in $OMPI_exec_path (mpirun --path), $PATH and the working directory. The rules are those of
 * orte_util_check_context_app() and opal_path_findv() of Open MPI 4.1. -1 if there is none.
 */
int rf_program_find(const char *name, char path[PATH_MAX]);

/*
 * Whether the program at `path` loads a preloaded library. If not, `reason` says why not, as the
 * end of a sentence: "./app is statically linked". A script is judged by its interpreter. What can
 * not be read is taken for able: execve() will tell.
 */
bool rf_program_preloads(const char *path, char *reason, size_t size);

#endif
