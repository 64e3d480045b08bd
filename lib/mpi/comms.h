/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The communicators that are live in this rank, in the order that all ranks agree on: by what their
 * members know them by (wire/clocks.h). Those of one member (MPI_COMM_SELF) come last.
 */
#ifndef RF_MPI_COMMS_H
#define RF_MPI_COMMS_H

#include <mpi.h>

#include "mpi/state_memory.h"
#include "mpi/handle.h"
#include "wire/clocks.h"

struct rf_comm {
	struct rf_handle *handle;
	MPI_Comm real;
	struct rf_clock clock;
};

struct rf_comms {
	uint32_t count;
	uint32_t shared;  /* the first so many have more than one member */
	uint32_t unready; /* so many more cannot be used yet (MPI_Comm_idup) */
	struct rf_comm *comm;
};

/*
 * Takes the list into `arena`. 0; 1 if a thread is changing it just now; -1 without memory. Valid
 * as long as no communicator is made or freed.
 */
int rf_comms_take(struct rf_comms *comms, struct rf_arena *arena);

/* The one with the name of `clock`, or NULL. */
const struct rf_comm *rf_comms_find(const struct rf_comms *comms, const struct rf_clock *clock);

#endif
