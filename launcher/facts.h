/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a snapshot's manifest says besides its files: for `rankferry restart`, which needs command,
 * cwd, job and hosts, and for people.
 */
#ifndef RF_LAUNCHER_FACTS_H
#define RF_LAUNCHER_FACTS_H

#include <jansson.h>
#include <stdint.h>

#include "roster.h"
#include "snapshots.h"

/*
 * {"job": name, "created": UTC, "rankferry": version, "cwd": path, "command": [mpirun's words],
 * "hosts": [of each rank], "pause_us": n}. A new reference, or NULL.
 */
json_t *rf_facts_make(const struct rf_snapshots_config *config, const struct rf_roster *roster,
		      int64_t pause_us);

/* Bytes of all files of a published snapshot. */
int64_t rf_facts_bytes(const char *snapshot);

/*
 * The body of the order to capture into `directory`, with what has changed since `base` (NULL:
 * everything). Returns its size, or 0 if the paths are too long for it.
 */
size_t rf_facts_order(const struct rf_snapshot_request *request, const char *directory,
		      const char *base, char *body, size_t size);

#endif
