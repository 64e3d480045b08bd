/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * HDF5's error stack in our words.
 */
#ifndef RF_SNAPSHOT_H5ERROR_H
#define RF_SNAPSHOT_H5ERROR_H

#include "util/error.h"

/* Lets HDF5 print nothing, and keeps the reason of what fails. */
void rf_h5_quiet(void);

/* "WHAT PATH: the innermost reason that HDF5 gave last", or the system's, if it is an errno.
 * Returns -1. One thread. */
int rf_h5_error(struct rf_error *err, const char *what, const char *path);

#endif
