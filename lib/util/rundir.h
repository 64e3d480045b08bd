/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The run directory: where a user's jobs have their sockets and state on one host, as long as they
 * run: $XDG_RUNTIME_DIR/rankferry-UID if that variable names a directory of this user's, else
 * /tmp/rankferry-UID.
 *
 * /tmp is everybody's: what is found there is used only if it is a real directory (no symbolic
 * link) that belongs to this user and is closed to all others; so nobody can plant one.
 */
#ifndef RF_UTIL_RUNDIR_H
#define RF_UTIL_RUNDIR_H

#include <stddef.h>

#include "util/error.h"

#define RF_RUNDIR_PATH                                                                             \
	80 /* bytes, with the final zero; leaves room for a socket's name in sun_path */

/*
 * Opens the run directory, making it (0700) if needed, and writes its path. Returns a directory fd
 * (close-on-exec), or -1.
 */
int rf_rundir_open(char path[RF_RUNDIR_PATH], struct rf_error *err);

/* The same below `base` instead. */
int rf_rundir_open_in(const char *base, char path[RF_RUNDIR_PATH], struct rf_error *err);

/*
 * Opens, or makes, `name` in the run directory `rundir`: a directory that passes the same checks.
 * Names are of letters, digits, '.', '_' and '-', and do not begin with '.'. Returns its fd, or -1.
 */
int rf_rundir_enter(int rundir, const char *name, struct rf_error *err);

/*
 * Removes `name` in the run directory and all that is in it, without following symbolic links. It
 * is no error if it is not there.
 */
int rf_rundir_remove(int rundir, const char *name, struct rf_error *err);

#endif
