/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * HDF5's error stack in our words.
 */
#ifndef RF_SNAPSHOT_H5ERROR_H
#define RF_SNAPSHOT_H5ERROR_H

#include "util/error.h"

/* Stops HDF5 from printing. */
void rf_h5_quiet(void);

/* "WHAT PATH: the innermost reason that HDF5 gives". Returns -1. */
int rf_h5_error(struct rf_error *err, const char *what, const char *path);

#endif
