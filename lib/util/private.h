/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Directories that are one user's alone, in places where others may plant things, such as /tmp.
 */
#ifndef RF_UTIL_PRIVATE_H
#define RF_UTIL_PRIVATE_H

#include "util/error.h"

/*
 * Opens the directory `path` (absolute), making it with mode 0700 if there is none. Accepted is
 * only a directory, no symbolic link, that belongs to this user and is closed to all others, and in
 * which nobody else could exchange it: the one above belongs to this user or root, and only they
 * may write to it, or it is sticky like /tmp. Returns an fd (close-on-exec), or -1: `err` says what
 * to do; its code is ENOENT if it was removed meanwhile, or if the directory above does not exist.
 */
int rf_private_open(const char *path, struct rf_error *err);

#endif
