/* SPDX-License-Identifier: BSD-3-Clause */
/* File descriptors: closing on every way out, and whole reads and writes. */
#ifndef RF_UTIL_FD_H
#define RF_UTIL_FD_H

#include <stddef.h>

#include "util/error.h"

/* Closes *fd unless it is negative, and makes it -1. errno is preserved. */
void rf_fd_close(int *fd);

/* RF_FD_AUTO int fd = open(...): closed when fd goes out of scope. To keep it, hand over
 * rf_fd_keep(). */
#define RF_FD_AUTO __attribute__((cleanup(rf_fd_close)))

/* Returns *fd and makes it -1. */
int rf_fd_keep(int *fd);

/* Writes all of it to a blocking fd. `name` stands in the error: "NAME: No space left on device".
 */
int rf_fd_write(int fd, const void *bytes, size_t size, const char *name, struct rf_error *err);

/*
 * Reads a file to its end, with a zero behind it that is not counted. The caller frees it. NULL,
 * and nothing kept, if it has more than `limit` bytes.
 */
char *rf_fd_read(int fd, size_t limit, size_t *size, const char *name, struct rf_error *err);

#endif
