/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the engine program does for a quiesce beside MPI's own functions (docs/decisions/0005).
 *
 * The functions run inside the engine: through the gate, or from its progress callback. They look
 * at Open MPI's own objects, whose headers Open MPI installs for its components. None blocks. All
 * handles are the engine's. Thread-safe only as far as the caller serialises them.
 */
#ifndef RF_MPI_QUIESCE_ENGINE_H
#define RF_MPI_QUIESCE_ENGINE_H

#include <mpi.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A flush of one communicator: a marker to and from each peer, behind everything that was sent
 * before. `members` of the communicator must all start one, in the same order of communicators.
 */
struct rf_flush;

/* A request that the point-to-point layer holds for the application. */
struct rf_request_record {
	MPI_Request request;
	int receive;	/* 1: receive, 0: send */
	int persistent; /* made by MPI_*_init; `active` says whether it was started */
	int active;	/* started and not yet complete */
	int started;	/* active, or complete and not yet waited for */
	int freed;	/* MPI_Request_free was called: nobody waits for it */
	int mode;	/* send: 's' standard, 'b' buffered, 'y' synchronous, 'r' ready */
	void *buffer;
	size_t count;
	MPI_Datatype datatype;
	MPI_Comm comm;
	int peer; /* rank in `comm`, MPI_ANY_SOURCE or MPI_PROC_NULL */
	int tag;
	uint64_t order;	   /* receives: those of one communicator were posted in this order */
	MPI_Status status; /* of a complete one */
};

struct rf_quiesce_engine {
	/*
	 * Is this point-to-point layer one whose requests can be read (ob1)? 1, or 0 and its name
	 * in `name` (`size` bytes).
	 */
	int (*readable)(char *name, size_t size);

	/* The communicator's id: equal at all members, unique among those that live at any member.
	 */
	uint32_t (*comm_id)(MPI_Comm comm);

	/* Starts a flush; NULL if out of memory. */
	struct rf_flush *(*flush_start)(MPI_Comm comm);
	/* 1 when all markers went and came, 0 not yet, -1 on an error of the library. */
	int (*flush_test)(struct rf_flush *flush);
	/* Frees it; one that is not done is first waited for by the caller. */
	void (*flush_free)(struct rf_flush *flush);

	/* Calls `each` for every request that is live, until it returns non-zero; returns that. */
	int (*requests)(int (*each)(void *arg, const struct rf_request_record *record), void *arg);

	/* One turn of the library's progress. */
	void (*progress)(void);

	/*
	 * A request that is complete with this status (for the application to wait for later), as a
	 * generalized request of the engine. MPI error code.
	 */
	int (*completed)(const MPI_Status *status, MPI_Request *request);
};

extern const struct rf_quiesce_engine rf_quiesce_engine;

#endif
