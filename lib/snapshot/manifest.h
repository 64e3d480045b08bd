/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * manifest.json: what a snapshot consists of. A directory without a valid one is no snapshot.
 */
#ifndef RF_SNAPSHOT_MANIFEST_H
#define RF_SNAPSHOT_MANIFEST_H

#include "util/error.h"

#include <jansson.h>
#include <stdio.h>

#define RF_MANIFEST_FORMAT  "rankferry snapshot"
#define RF_MANIFEST_VERSION 1

/*
 * Describes the image files rank-NNNNNN.h5 in `dir`, 0 to ranks - 1, which must all be there and
 * sealed, and job.h5 (viewer.h). `extra` is an object whose members are added (job, command
 * line...; may be NULL). A new reference, or NULL and err.
 */
json_t *rf_manifest_make(const char *dir, unsigned ranks, json_t *extra, struct rf_error *err);

/* Writes dir/manifest.json durably, with a checksum of its content. */
int rf_manifest_write(const char *dir, json_t *manifest, struct rf_error *err);

/* Reads it and checks version, checksum and form. A new reference, or NULL and err. */
json_t *rf_manifest_read(const char *dir, struct rf_error *err);

/*
 * Is `path` the finished file that `row`, of the member "ranks", lists? 0, or -1 and `err`. Its
 * pages are not read: they are checked when they are restored.
 */
int rf_manifest_check_file(const json_t *row, const char *path, struct rf_error *err);

/* "rank-000003.h5" */
#define RF_RANK_FILE 32
static inline void rf_manifest_rank_file(unsigned rank, char name[RF_RANK_FILE])
{
	snprintf(name, RF_RANK_FILE, "rank-%06u.h5", rank);
}

#endif
