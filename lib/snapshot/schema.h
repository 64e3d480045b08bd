/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The tables of an image as HDF5 datasets: where each one is, and the names of its columns.
 *
 * All types are explicit and little-endian, so a file is the same wherever it was written.
 */
#ifndef RF_SNAPSHOT_SCHEMA_H
#define RF_SNAPSHOT_SCHEMA_H

#include "image/record.h"

#include <hdf5.h>

#define RF_H5_PAGES	"/memory/pages"	    /* u1[pages][4096] */
#define RF_H5_CHECKSUMS "/memory/checksums" /* u8[pages][2]: low and high half of XXH3-128 */
#define RF_H5_SOURCES	"/memory/sources"   /* base files of an incremental image */

/* The path of a table's dataset, such as "/process/threads". */
const char *rf_schema_path(enum rf_table table);

/* A new HDF5 type for one record; in memory or in a file it is the same. Negative on failure. */
hid_t rf_schema_type(enum rf_table table);

/* Groups that must exist, in order; ends with NULL. */
extern const char *const rf_schema_groups[];

#endif
