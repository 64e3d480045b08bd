/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Compressed pages in a dataset: chunks of 256 pages, each compressed alone, by several threads.
 *
 * The filters have the numbers under which HDF5 has registered them for everybody: 32004 is LZ4,
 * 32015 is Zstandard (registered_filter_plugins, The HDF Group). A chunk that does not become
 * smaller is stored as it is, which HDF5 notes in the chunk's filter mask.
 */
#ifndef RF_SNAPSHOT_CHUNKS_H
#define RF_SNAPSHOT_CHUNKS_H

#include "image/record.h"
#include "snapshot/codec.h"

#include <hdf5.h>

#define RF_CHUNK_PAGES 256
#define RF_CHUNK_BYTES (RF_CHUNK_PAGES * RF_PAGE_SIZE)
#define RF_FILTER_LZ4  32004
#define RF_FILTER_ZSTD 32015

struct rf_chunks;

/* Sets chunk shape and filter of a new dataset. Negative on failure. */
int rf_chunks_filter(hid_t plist, enum rf_codec codec, int level);

struct rf_chunks *rf_chunks_create(hid_t dataset, const char *path, enum rf_codec codec, int level,
				   struct rf_error *err);
int rf_chunks_add(struct rf_chunks *chunks, const void *pages, uint64_t n, struct rf_error *err);
/* Writes what is left, when all pages have been added. */
int rf_chunks_finish(struct rf_chunks *chunks, struct rf_error *err);
void rf_chunks_free(struct rf_chunks *chunks);

#endif
