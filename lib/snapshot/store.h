/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The snapshots of a job: directories STORE/JOB/000001, 000002..., written as NNNNNN.partial and
 * renamed when they are whole, so that a reader never sees half of one. Not thread safe (HDF5).
 */
#ifndef RF_SNAPSHOT_STORE_H
#define RF_SNAPSHOT_STORE_H

#include "snapshot/manifest.h"

/* Makes STORE/JOB/NNNNNN.partial for the next number and returns its path, to be freed; NULL and
 * err. Directories that are missing are made, for their owner only. */
char *rf_store_begin(const char *store, const char *job, struct rf_error *err);

/*
 * Publishes it: `ranks` sealed files must be there. Writes the manifest, syncs, renames. Returns
 * the path of the snapshot, to be freed; NULL and err when nothing was published (the directory is
 * left as it is).
 */
char *rf_store_publish(const char *partial, unsigned ranks, json_t *extra, struct rf_error *err);

/* Removes a directory of a snapshot that was not published. */
int rf_store_abandon(const char *partial, struct rf_error *err);

/* Verifies everything: manifest, seals, tables, the checksum of each page, base files. */
int rf_store_verify(const char *snapshot, struct rf_error *err);

/* Numbers of the published snapshots of STORE/JOB, ascending; free the array. Count, or -1. */
int rf_store_list(const char *jobdir, unsigned **numbers, struct rf_error *err);

/* "STORE/JOB/000012", to be freed */
char *rf_store_path(const char *jobdir, unsigned number);

/*
 * Removes all but the newest `keep` (at least 1) and those that a kept one needs as a base,
 * directly or not. A snapshot whose manifest cannot be read is neither removed nor counted, and
 * then nothing is removed, since what it needs is not known. Returns how many were removed, or -1.
 */
int rf_store_prune(const char *jobdir, unsigned keep, struct rf_error *err);

#endif
