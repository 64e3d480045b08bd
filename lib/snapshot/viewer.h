/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * job.h5 of a snapshot: one HDF5 file in which all ranks can be looked at, as external links
 * /rank-000003 to the image files beside it. For people; nothing is ever restored through it.
 */
#ifndef RF_SNAPSHOT_VIEWER_H
#define RF_SNAPSHOT_VIEWER_H

#include "util/error.h"

#include <jansson.h>

#define RF_VIEWER_FILE "job.h5"

/* Makes dir/job.h5 durably. */
int rf_viewer_write(const char *dir, unsigned ranks, struct rf_error *err);

/* What a manifest says about it: file, bytes, digest. A new reference, or NULL and err. */
json_t *rf_viewer_describe(const char *dir, struct rf_error *err);

/* Is it as it was described? NULL: there is no description, so nothing is looked at. */
int rf_viewer_check(const char *dir, json_t *description, struct rf_error *err);

#endif
