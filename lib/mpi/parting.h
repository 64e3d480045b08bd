/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The engine that a rank has left: it goes through MPI_Finalize on a thread of its own, in which it
 * waits for the engines of all other ranks, while the application runs in the next one. Then
 * somebody must throw it away. It cannot end the rank: when its mpirun is lost, or others do not
 * come, it is thrown away as it is.
 *
 * Image and snapshot leave it out, as all of an engine; in a restored process there is none.
 * Functions may be called in signal handlers, by one thread at a time.
 */
#ifndef RF_MPI_PARTING_H
#define RF_MPI_PARTING_H

#include "engine/engine.h"
#include "util/error.h"

struct rf_mpi_table;

/* One at a time. `table` is the engine's. -1 and `err`: it has been thrown away. */
int rf_parting_begin(struct rf_engine *engine, const struct rf_mpi_table *table,
		     struct rf_error *err);

/*
 * 1: there is none; it is gone. 0: not yet, or not here and now. -1: it is gone, but it has not
 * ended in order, or something was left.
 */
int rf_parting_turn(struct rf_error *err);

/* Waits for that, for at most `ms`, and then throws it away. Not in a signal handler. */
void rf_parting_end(int ms);

/* In a restored process. */
void rf_parting_forget(void);

/* From rf_engine_on_exit(): was it this engine, which has ended by itself? Any thread. */
int rf_parting_exits(const struct rf_engine *engine);

#endif
