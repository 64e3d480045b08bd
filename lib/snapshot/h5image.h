/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Opening the HDF5 file of one image for a restore, and whatever base files it refers to.
 */
#ifndef RF_SNAPSHOT_H5IMAGE_H
#define RF_SNAPSHOT_H5IMAGE_H

#include "image/load.h"
#include "snapshot/seal.h"

#include <stddef.h>

/*
 * Checks the seal and reads all tables and checksums; pages are read later. Every file that the
 * image refers to is opened, and must be the very one that it was written against. 0, or -1 and
 * err; free with rf_loaded_free() in both cases. Not thread safe (HDF5); reading pages afterwards
 * is.
 */
int rf_h5image_load(struct rf_loaded *image, const char *path, struct rf_error *err);

/* The same without checksums, and without opening base files: those are sources of unknown size.
 * What `inspect` needs. */
int rf_h5image_tables(struct rf_loaded *image, const char *path, struct rf_error *err);

/* The base files of the image at `path`, as paths that can be opened. *paths is an array of *count
 * strings; free each and the array. */
int rf_h5image_bases(const char *path, char ***paths, unsigned *count, struct rf_error *err);

/* Reads a string attribute of the file's root; "" when there is none. */
int rf_h5image_attribute(const char *path, const char *name, char *value, size_t size,
			 struct rf_error *err);

#endif
