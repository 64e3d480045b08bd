/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the engine program tells about Open MPI's objects that MPI's own functions do not, so that
 * they can be made again in another engine (state.h), and what it does for that in the other.
 *
 * The functions run inside the engine, through the gate; all handles are the engine's. They look
 * at Open MPI's own objects, whose headers Open MPI installs. Not thread-safe.
 */
#ifndef RF_MPI_STATE_ENGINE_H
#define RF_MPI_STATE_ENGINE_H

#include <mpi.h>

#include "mpi/handle.h"

/* A request that is not of the point-to-point layer. */
struct rf_other_request {
	MPI_Request request;
	enum {
		RF_REQUEST_COLLECTIVE, /* non-blocking collective, or MPI_Comm_idup */
		RF_REQUEST_KEPT,       /* made by completed() */
		RF_REQUEST_NOWHERE,    /* persistent, with MPI_PROC_NULL */
	} what;
	int persistent; /* a collective that is */
	int started;	/* of RF_REQUEST_NOWHERE */
	int complete;
	MPI_Status status; /* of a complete one */
};

struct rf_state_engine {
	/* Is this memory still an object of that kind, with somebody who holds it? */
	int (*live)(const void *object, enum rf_kind kind);
	/* The application holds it so many times more. */
	void (*retain)(void *object, unsigned times);

	/*
	 * A group's size, and in `ranks` (may be NULL) the ranks of its processes in
	 * MPI_COMM_WORLD, -1 for one of another job.
	 */
	int (*group_ranks)(MPI_Group group, int *ranks);

	/*
	 * How a datatype was made: the numbers of integers, addresses and datatypes, and the
	 * combiner; then the arguments. Unlike MPI_Type_get_contents() these are the datatypes
	 * themselves, no copies. 0, or -1 if Open MPI does not know.
	 */
	int (*type_counts)(MPI_Datatype type, int counts[3], int *combiner);
	int (*type_arguments)(MPI_Datatype type, const int counts[3], int *integers,
			      MPI_Aint *addresses, MPI_Datatype *types);
	int (*type_committed)(MPI_Datatype type);

	/* Calls `each` for live requests of other layers, until it returns non-zero. */
	int (*requests)(int (*each)(void *arg, const struct rf_other_request *other), void *arg);
	/* Requests that MPI_Comm_idup has returned are known only if they are told. */
	void (*idup)(MPI_Request request);
	int (*complete)(MPI_Request request);
	/* The point-to-point layer's: is a message for it on its way? */
	int (*matched)(MPI_Request request);

	/* The number that Fortran knows it by, -1 if it has none; gives it that number. */
	int (*request_index)(MPI_Request request);
	int (*request_number)(MPI_Request request, int index);

	/* A complete request with this status, which MPI_Wait is still to return. MPI code. */
	int (*completed)(const MPI_Status *status, MPI_Request *request);
	/* A persistent one, not started, becomes such a one. */
	void (*restarted)(MPI_Request request, const MPI_Status *status);
	/* Ends a receive that is posted, without a message. */
	void (*forsake)(MPI_Request request);

	/*
	 * Has the user said which point-to-point layer it is to be? 0: Open MPI has found it, among
	 * those that no file excludes.
	 */
	int (*layer_chosen)(void);

	MPI_Request empty; /* what Open MPI returns for an operation that was complete at once */
};

extern const struct rf_state_engine rf_state_engine;

#endif
