/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fortran's integer handles.
 *
 * Each kind has a table from index to application handle. Predefined handles have Open MPI's fixed
 * numbers, taken from the engine; any other handle gets the lowest free number when it is first
 * asked for, and keeps it when the engine is replaced. Requests and messages use the engine's own
 * tables. Looking up takes no lock. Any thread may call these.
 */
#ifndef RF_MPI_CONVERT_H
#define RF_MPI_CONVERT_H

#include "mpi/handle.h"

/*
 * When the first engine has come up, once for each predefined handle, whose `kind` and `real` are
 * set: enters it under the engine's number for it. 0, or -1 without memory.
 */
int rf_convert_predefined(struct rf_handle *handle);

/* The number of `handle`, which gets one if it has none; -1 for NULL or without memory. */
int rf_convert_index(enum rf_kind kind, struct rf_handle *handle);

/* The handle with this number, or NULL. */
struct rf_handle *rf_convert_handle(enum rf_kind kind, int index);

/* The handle's life ends: its number is free again. For every handle but predefined ones. */
void rf_convert_forget(struct rf_handle *handle);

#endif
