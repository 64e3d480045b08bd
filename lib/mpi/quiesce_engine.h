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

#include "wire/clocks.h"

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

struct rf_traffic {
	unsigned sends, receives, collectives;
};

/* A message of the application. */
struct rf_taken {
	int source, tag;
	size_t size; /* bytes, packed */
};

/* One that MPI_Mprobe or its like has matched, and that nobody has received yet. */
struct rf_held {
	MPI_Message message;
	MPI_Comm comm;
	struct rf_taken taken;
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

	/*
	 * What others know a communicator by: all of struct rf_clock but `seq`. 1, or 0 for one
	 * that is not ready for use yet (MPI_Comm_idup).
	 */
	int (*comm_clock)(MPI_Comm comm, struct rf_clock *clock);

	/* Rank in MPI_COMM_WORLD of a peer, as MPI_SOURCE gives it; -1: of another job. */
	int (*comm_world)(MPI_Comm comm, int peer);

	/* Starts a flush for the quiesce `id`; NULL if out of memory or the library fails. */
	struct rf_flush *(*flush_start)(MPI_Comm comm, uint32_t id);
	/* 1 when all markers went and came, 0 not yet, -1 on an error of the library. */
	int (*flush_test)(struct rf_flush *flush);
	/* Frees it; 0. One that is not done is given up: markers of this id that still come are
	 * never matched. */
	int (*flush_free)(struct rf_flush *flush);

	/*
	 * Bytes to and from a peer on a communicator, matched by nothing of the application: `what`
	 * (0 to 3) and `id` must be equal on both sides. 0, or -1 if the library fails.
	 */
	int (*send)(const void *bytes, size_t n, int peer, MPI_Comm comm, uint32_t id, int what,
		    MPI_Request *request);
	int (*receive)(void *bytes, size_t n, int peer, MPI_Comm comm, uint32_t id, int what,
		       MPI_Request *request);
	/*
	 * Takes the next message that no receive has been matched with: 1 and what it is, or 0 if
	 * there is none, -1 if the library fails. Then it must be fetched.
	 */
	int (*take)(MPI_Comm comm, MPI_Message *message, struct rf_taken *taken);
	int (*fetch)(MPI_Message *message, void *bytes, size_t n, MPI_Request *request);
	/* Sends as the application does: packed bytes, standard mode. */
	int (*send_again)(const void *bytes, size_t n, int peer, int tag, MPI_Comm comm,
			  MPI_Request *request);
	/*
	 * The next held message: 1; 0 if there is none; 2 if MPI_Mprobe has yet to return one of
	 * them, while `probing` threads are in it; -1 if this library keeps it in another way than
	 * ob1 of Open MPI 4.1. It must be fetched; then `message` is hollow, and nothing may be
	 * done with it until it is filled again.
	 */
	int (*held)(int probing, struct rf_held *held);
	int (*held_fetch)(MPI_Message message, void *bytes, size_t n, MPI_Request *request);
	/*
	 * Fills a hollow one with the next message that `source` has sent by send() with `what`: 1,
	 * 0 if it has not come yet, -1 if the library fails.
	 */
	int (*held_fill)(MPI_Message message, MPI_Comm comm, int source, int tag, uint32_t id,
			 int what);
	/* The number that Fortran knows it by, or -1; a new hollow one with that number, or NULL.
	 */
	int (*held_index)(MPI_Message message);
	MPI_Message (*held_hollow)(int index);

	/* Is the request complete? Then it is freed and set to NULL. 1, 0, or -1: it has failed. */
	int (*test)(MPI_Request *request);

	/*
	 * What is under way: sends of the application that are not done, receives that have been
	 * matched and are not done, non-blocking collectives. All 0: the engine is at rest but for
	 * receives that wait for a message.
	 */
	struct rf_traffic (*traffic)(void);

	/* Calls `each` for every request that is live, until it returns non-zero; returns that. */
	int (*requests)(int (*each)(void *arg, const struct rf_request_record *record), void *arg);

	/* One turn of the library's progress; threads that sleep in it come to the loop, too; 0. */
	int (*progress)(void);

	/*
	 * A request that is complete with this status (for the application to wait for later), as a
	 * generalized request of the engine. MPI error code.
	 */
	int (*completed)(const MPI_Status *status, MPI_Request *request);
};

extern const struct rf_quiesce_engine rf_quiesce_engine;

#endif
