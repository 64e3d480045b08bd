/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Persistent requests to and from MPI_PROC_NULL. Open MPI makes them without its point-to-point
 * layer, by malloc() alone, so those that live can be found in no list of its own. Engine program
 * only; any thread.
 */
#ifndef RF_MPI_ENGINE_NOWHERE_H
#define RF_MPI_ENGINE_NOWHERE_H

#include "mpi/state_engine.h"

/* Calls `each` for every one that lives, until it returns non-zero; returns that. */
int rf_nowhere_each(int (*each)(void *arg, const struct rf_other_request *other), void *arg);

#endif
