/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The tables of the MPI section (image/section.h) as HDF5 datasets /mpi/NAME, for readers of HDF5.
 * The section itself stays in /mpi/section.
 */
#ifndef RF_SNAPSHOT_H5SECTION_H
#define RF_SNAPSHOT_H5SECTION_H

#include "util/error.h"

#include <hdf5.h>
#include <stdint.h>

/* -1 and err: the section is damaged, or the file at `path` cannot be written. */
int rf_h5section_write(hid_t file, const char *path, const void *section, uint64_t bytes,
		       struct rf_error *err);

#endif
