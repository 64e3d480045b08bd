/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which collectives a rank may begin during a quiesce: those that do not pass the target of their
 * communicator. For the thread that looks after the quiesce, one at a time.
 */
#ifndef RF_MPI_QUIESCE_LIMITS_H
#define RF_MPI_QUIESCE_LIMITS_H

#include <stddef.h>
#include <stdint.h>

#include "mpi/state_memory.h"
#include "mpi/handle.h"
#include "wire/clocks.h"

/* From now on no collective may begin. 0, or 1 if a thread is changing handles just now. */
int rf_limits_freeze(void);

/*
 * Takes over targets. 0; 1 if a thread is changing handles just now; -1: no memory. What is not
 * among them may not begin anything.
 */
int rf_limits_set(const struct rf_clocks *targets);

/* May a collective on `handle` (NULL: one that nothing counts) begin? */
int rf_limits_allow(const struct rf_handle *handle);

/* It begins. */
void rf_limits_begin(const struct rf_handle *handle);

/* The one that a thread is held before may begin. */
void rf_limits_advance(struct rf_handle *handle);

/* Are all communicators at or beyond their targets? */
int rf_limits_reached(void);

/*
 * This rank's clocks, in `arena`: the body of a report. 0 with the body and its size; 1 if a thread
 * is changing handles just now; -1: no memory.
 */
int rf_limits_clocks(struct rf_arena *arena, struct rf_clocks **clocks, size_t *size);

/* How many communicators are being made, or -1: not known just now. */
int rf_limits_unready(void);

#endif
