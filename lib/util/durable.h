/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Files that are there whole or not at all, also after a crash: written under another name, fsync,
 * rename, fsync of the directory.
 *
 * The other name is ".NAME.partial-XXXXXX" in the same directory. Whoever writes it holds a flock()
 * on it, so a leftover of a writer that died is told from one at work, also by another host.
 */
#ifndef RF_UTIL_DURABLE_H
#define RF_UTIL_DURABLE_H

#include <sys/types.h>

#include "util/error.h"

struct rf_durable;

/* Begins a file that will be `path`, with `mode` (less the umask). NULL and `err` on failure. */
struct rf_durable *rf_durable_create(const char *path, mode_t mode, struct rf_error *err);

/* The fd to write to. It stays the durable's. */
int rf_durable_fd(const struct rf_durable *durable);

/*
 * Puts the file in its place, over an older one, and ends the durable in any case. -1: nothing was
 * put there (an older file is unchanged), or the last fsync, of the directory, failed: `err` says
 * so.
 */
int rf_durable_publish(struct rf_durable *durable, struct rf_error *err);

/* Removes what was written, and ends the durable. NULL is allowed. */
void rf_durable_abandon(struct rf_durable *durable);

/* All of the above for bytes at hand. */
int rf_durable_write(const char *path, mode_t mode, const void *bytes, size_t size,
		     struct rf_error *err);

/* Removes leftovers of dead writers in a directory. Returns how many there were, or -1. */
int rf_durable_clean(const char *directory, struct rf_error *err);

#endif
