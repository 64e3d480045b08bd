/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The snapshots of a job: directories STORE/JOB/000001, 000002..., written as NNNNNN.partial and
 * renamed when they are whole, so that a reader never sees half of one. Not thread safe (HDF5).
 * rf_store_publish(), _check() and _verify() need HDF5 and are in librfsnapshot, the rest is in
 * librfstore.
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
 * left to rf_store_abandon()).
 */
char *rf_store_publish(const char *partial, unsigned ranks, json_t *extra, struct rf_error *err);

/* Removes a directory of a snapshot that was not published. */
int rf_store_abandon(const char *partial, struct rf_error *err);

/* Removes a published snapshot, or a partial one. */
int rf_store_remove(const char *snapshot, struct rf_error *err);

/*
 * Checks the manifest, seals, tables, base files, and unless `quick` the checksum of each page that
 * the snapshot consists of. `snapshot` may also be one image file.
 */
int rf_store_check(const char *snapshot, int quick, struct rf_error *err);

/* rf_store_check(), not quick */
int rf_store_verify(const char *snapshot, struct rf_error *err);

/* Numbers of the published snapshots of STORE/JOB, ascending; free the array. Count, or -1. */
int rf_store_list(const char *jobdir, unsigned **numbers, struct rf_error *err);

/* Numbers of those that are being written, or were left half written. */
int rf_store_partials(const char *jobdir, unsigned **numbers, struct rf_error *err);

/* "STORE/JOB/000012" and "STORE/JOB/000012.partial", to be freed */
char *rf_store_path(const char *jobdir, unsigned number);
char *rf_store_partial_path(const char *jobdir, unsigned number);

/* 12 of "000012"; 0: that is not a snapshot's name. */
unsigned rf_store_number(const char *name);

/*
 * Numbers of all but the newest `keep` (at least 1) and those that a kept one needs as a base,
 * directly or not. With an `id` (or NULL) only those count that this job has taken: another one may
 * have the same name. -1 also when the manifest of a kept one cannot be read, since what it needs
 * is not known then. Free the array.
 */
int rf_store_prunable(const char *jobdir, unsigned keep, const char *id, unsigned **numbers,
		      struct rf_error *err);

/* Removes those; the oldest first. Returns how many were removed, or -1. */
int rf_store_prune(const char *jobdir, unsigned keep, const char *id, struct rf_error *err);

/*
 * Removes a directory of ranks' files, or one of such directories; 0 also if there is none. Nobody
 * may read or write there.
 */
int rf_store_discard(const char *directory, struct rf_error *err);

/* Removes the rest of snapshots whose removal was cut off. */
int rf_store_sweep(const char *jobdir, struct rf_error *err);

#endif
