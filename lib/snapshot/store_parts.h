/* SPDX-License-Identifier: BSD-3-Clause */
/* What store.c and publish.c have in common. */
#ifndef RF_SNAPSHOT_STORE_PARTS_H
#define RF_SNAPSHOT_STORE_PARTS_H

#include "util/error.h"

#define RF_STORE_PARTIAL ".partial"
#define RF_STORE_REMOVED ".removed" /* was whole; anybody may go on with removing it */

/* fsync of a directory */
int rf_store_sync(const char *directory, struct rf_error *err);

/* rename(2) that never takes over a name, where the file system can promise that. -1 and errno. */
int rf_store_rename(const char *from, const char *to);

#endif
