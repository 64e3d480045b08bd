/* SPDX-License-Identifier: BSD-3-Clause */
/* Bringing the shim to work: its engine, and the application's predefined handles. */
#ifndef RF_MPI_START_H
#define RF_MPI_START_H

#include "util/error.h"

/*
 * Loads the first engine and binds the application's predefined handles to it. Called once, without
 * concurrency, when rf_libmpi_find() has found the application's libmpi. 0, or -1 and `err` with
 * nothing changed.
 */
int rf_shim_start(struct rf_error *err);

/* Enters the predefined handles in Fortran's tables; after MPI_Init. 0, or -1 without memory. */
int rf_shim_number_objects(void);

/* Is there an engine that calls can go to? False in a child made by fork(). */
int rf_shim_started(void);

/* Prints "rankferry: ..." and ends the process with 125. */
void rf_shim_die(const char *format, ...) __attribute__((noreturn, cold, format(printf, 1, 2)));

#endif
