/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the coordinator itself does in the store, in child processes: a file system whose server
 * does not answer stops who uses it, and not even SIGKILL need end that. The job must go on without
 * it.
 *
 * Each call waits up to RF_STORING_MS; then ETIMEDOUT, and the child ends by itself when the store
 * answers again, or with this process. While one of them hangs the next call fails at once. Not
 * thread safe.
 */
#ifndef RF_LAUNCHER_STORING_H
#define RF_LAUNCHER_STORING_H

#include <stdbool.h>
#include <stdint.h>

#include "util/error.h"

#define RF_STORING_MS 3000

/* rf_store_begin(): the path of a new, unfinished snapshot, to be freed; NULL and err. */
char *rf_storing_begin(const char *store, const char *job, struct rf_error *err);

/*
 * rf_store_abandon(). What takes longer goes on without being waited for, which is an error all the
 * same.
 */
int rf_storing_abandon(const char *partial, struct rf_error *err);

/* Is there something of that name that can be read? */
bool rf_storing_readable(const char *path);

/* rf_facts_bytes(); 0 if the store does not answer. */
int64_t rf_storing_bytes(const char *snapshot);

#endif
