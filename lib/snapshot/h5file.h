/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Writing the HDF5 file of one image. One thread; HDF5 prints nothing.
 */
#ifndef RF_SNAPSHOT_H5FILE_H
#define RF_SNAPSHOT_H5FILE_H

#include "image/record.h"
#include "snapshot/codec.h"
#include "util/error.h"

struct rf_h5file;

/* A base file of an incremental image; `path` may be relative to the directory of the image. */
#define RF_H5_SOURCE_PATH 1024
struct rf_h5source {
	char path[RF_H5_SOURCE_PATH];
	struct rf_sum digest; /* of its seal */
};

/* Creates the file, which must not exist, for its owner only. NULL and err. */
struct rf_h5file *rf_h5file_create(const char *path, struct rf_error *err);

/* Adds "name=value" to the attributes of the root. */
int rf_h5file_attribute(struct rf_h5file *file, const char *text, struct rf_error *err);

/* Writes one table. */
int rf_h5file_table(struct rf_h5file *file, enum rf_table table, const void *data, uint64_t count,
		    struct rf_error *err);

int rf_h5file_sources(struct rf_h5file *file, const struct rf_h5source *sources, uint64_t count,
		      struct rf_error *err);

/*
 * Makes the dataset of pages. Plain pages: *offset is the place of the first one in the file, a
 * multiple of the page size; the caller writes them there himself, or gives all of them with
 * rf_h5file_pages(). Compressed pages are given so, and codec and level say how.
 */
int rf_h5file_layout(struct rf_h5file *file, uint64_t pages, enum rf_codec codec, int level,
		     uint64_t *offset, struct rf_error *err);

/* Appends pages to the dataset. Several threads compress. */
int rf_h5file_pages(struct rf_h5file *file, const void *pages, uint64_t n, struct rf_error *err);

/* Writes the checksums, closes HDF5's part, seals the file, and syncs it unless `no_fsync`. */
int rf_h5file_finish(struct rf_h5file *file, const struct rf_sum *sums, int no_fsync,
		     struct rf_error *err);

/* Closes, and removes the file if it was not finished. */
void rf_h5file_close(struct rf_h5file *file);

#endif
