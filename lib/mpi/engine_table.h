/* SPDX-License-Identifier: BSD-3-Clause */
/* What the engine program offers the shim besides MPI: built into both. */
#ifndef RF_MPI_ENGINE_TABLE_H
#define RF_MPI_ENGINE_TABLE_H

#include <mpi.h>
#include <mpi-ext.h>

#include "mpi/api.h"
#include "mpi/background.h"
#include "mpi/quiesce_engine.h"
#include "mpi/state_engine.h"

struct rf_engine_calls {
	/*
	 * From now on the engine's progress loop, which every blocking call runs in or sleeps
	 * beside (engine_sleep.h), calls `hook` with the application's thread still inside the
	 * engine, whenever `*wanted` is not 0. To be called once, between MPI_Init and
	 * MPI_Finalize. 0, or -1 if Open MPI refuses.
	 */
	int (*watch)(const int *wanted, void (*hook)(void));
	/* See engine_loan.h. */
	void (*lend)(size_t size, void *memory);
	int (*lend_end)(void);
	/* What an operation passes on to its function as one more argument (ompi/op/op.h). */
	void (*op_passes)(MPI_Op op, void *argument);
	/* How an error is raised, and one where MPI may not be called (errhandler.h there). */
	int (*raise)(MPI_Errhandler handler, void *object, int type, int code,
		     const char *function);
	void (*fatal)(MPI_Comm *comm, int *code, const char *function, ...);
	/* See background.h. */
	int (*finalize)(struct rf_background *report);
	int (*init)(int level, struct rf_background *report);
	int (*claim)(void);
	const struct rf_quiesce_engine *quiesce;
	const struct rf_state_engine *state;
};

/* Generated: all but `calls`. */
void rf_table_fill(struct rf_mpi_table *table);

#endif
