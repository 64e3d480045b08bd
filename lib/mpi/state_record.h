/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Records of MPI objects, between the files state*.c.
 *
 * Saving (`old` is the engine's object then) reads with the current engine; making fills `made`
 * with the current, new engine. Every record that another one points to is before it in the list
 * of all, so that one pass makes them. Functions return 0, or -1 and `err`.
 */
#ifndef RF_MPI_STATE_RECORD_H
#define RF_MPI_STATE_RECORD_H

#include <stdint.h>

#include "mpi/shim.h"
#include "mpi/state_memory.h"
#include "util/error.h"

struct rf_saved {
	struct rf_saved *next;
	enum rf_kind kind;
	void *old, *made;
	struct rf_handle *handle; /* the application's, or NULL: it has freed it, others use it */
	int predefined;		  /* enum rf_object, or -1 */
	int deferred;		  /* communicators: made when all others are, in order */
};

/* Keys and values, in turns. */
struct rf_pairs {
	int n;
	char **text;
};

struct rf_type {
	struct rf_saved object; /* first in each of these */
	int counts[3], combiner;
	int *integers;
	MPI_Aint *addresses;
	struct rf_saved **types;
	int committed;
	char *name;
};

struct rf_ranks {
	int n;
	int *rank; /* in MPI_COMM_WORLD */
};

struct rf_group {
	struct rf_saved object;
	struct rf_ranks ranks;
};

struct rf_op {
	struct rf_saved object;
	int commutes;
};

struct rf_info {
	struct rf_saved object;
	struct rf_pairs pairs;
};

struct rf_comm {
	struct rf_saved object;
	uint32_t id; /* context id, equal at all members, for the order of making */
	int inter;
	struct rf_ranks local, remote;
	int topology; /* MPI_CART, MPI_GRAPH, MPI_DIST_GRAPH or MPI_UNDEFINED */
	/*
	 * cart: dims and periods; graph: index and edges; dist_graph: sources, destinations and
	 * their weights, NULL if it has none.
	 */
	int n[2];
	int *a[2], *weight[2];
	char *name;
	struct rf_saved *errhandler;
	struct rf_pairs info;
};

struct rf_request {
	struct rf_request *next;
	enum {
		RF_SAVED_RECEIVE,    /* pending, not persistent */
		RF_SAVED_PERSISTENT, /* a send or receive, perhaps started */
		RF_SAVED_COMPLETE,   /* of any kind */
		RF_SAVED_GENERALIZED,
		RF_SAVED_NOWHERE, /* persistent, with MPI_PROC_NULL */
	} what;
	MPI_Request old, made;
	int index; /* Fortran's number, or -1 */
	int receive, mode, active, freed;
	void *buffer;
	size_t count;
	struct rf_saved *type, *comm;
	int peer, tag;
	uint64_t order;
	MPI_Status status;
};

/* Drained, but for its handle (drain.h). */
struct rf_held_message {
	struct rf_held_message *next;
	MPI_Message old, made;
	int index; /* Fortran's number, or -1 */
};

struct rf_state {
	struct rf_arena arena;
	struct rf_map objects; /* by `old` */
	struct rf_saved *first, **last;
	struct rf_comm **comm; /* in the order of making */
	int comms;
	struct rf_request *request, **last_request; /* receives in the order of posting */
	struct rf_held_message *message;
	struct rf_saved *file_errhandler; /* of MPI_FILE_NULL */
	MPI_Request empty;		  /* the engine's complete request that was never pending */
	MPI_Request null;      /* the engine's; a call that waits may have it in its array */
	struct rf_ranks world; /* its size, and this rank */
	double elapsed;	       /* MPI_Wtime */
	int level;	       /* of threads */
};

int rf_state_no_memory(struct rf_error *err);
int rf_state_failed(struct rf_error *err, int code, const char *function);

/* A new record of `size` bytes in the list and the map. NULL and err. */
struct rf_saved *rf_state_record(struct rf_state *state, enum rf_kind kind, void *old, size_t size,
				 struct rf_error *err);
/* The record for an object that is live in the current engine; a new one if there is none. */
struct rf_saved *rf_state_object(struct rf_state *state, enum rf_kind kind, void *old,
				 struct rf_error *err);

struct rf_saved *rf_state_save_type(struct rf_state *state, MPI_Datatype real,
				    struct rf_error *err);
int rf_state_make_type(struct rf_type *type, struct rf_error *err);

struct rf_saved *rf_state_save_group(struct rf_state *state, MPI_Group real, struct rf_error *err);
int rf_state_make_group(struct rf_group *group, struct rf_error *err);
/* Ranks of a group in `ranks`; -1 and err if one is of another job. */
int rf_state_save_ranks(struct rf_state *state, MPI_Group real, struct rf_ranks *ranks,
			struct rf_error *err);
/* A group of the new engine; to be freed. NULL and err. */
MPI_Group rf_state_make_ranks(const struct rf_ranks *ranks, struct rf_error *err);

struct rf_saved *rf_state_save_op(struct rf_state *state, MPI_Op real, struct rf_error *err);
int rf_state_make_op(struct rf_op *op, struct rf_error *err);

struct rf_saved *rf_state_save_info(struct rf_state *state, MPI_Info real, struct rf_error *err);
int rf_state_make_info(struct rf_info *info, struct rf_error *err);
int rf_state_save_pairs(struct rf_state *state, MPI_Info real, struct rf_pairs *pairs,
			struct rf_error *err);
/* An info of the new engine; to be freed. NULL and err. */
MPI_Info rf_state_make_pairs(const struct rf_pairs *pairs, struct rf_error *err);

struct rf_saved *rf_state_save_errhandler(struct rf_state *state, MPI_Errhandler real,
					  struct rf_error *err);
int rf_state_make_errhandler(struct rf_saved *errhandler, struct rf_error *err);

struct rf_saved *rf_state_save_comm(struct rf_state *state, MPI_Comm real, struct rf_error *err);
/* All of them, in order; collective. Then what is set on each. */
int rf_state_make_comms(struct rf_state *state, struct rf_error *err);
int rf_state_dress_comms(struct rf_state *state, struct rf_error *err);

int rf_state_save_requests(struct rf_state *state, struct rf_error *err);
int rf_state_make_requests(struct rf_state *state, struct rf_error *err);

int rf_state_save_messages(struct rf_state *state, struct rf_error *err);
int rf_state_make_messages(struct rf_state *state, struct rf_error *err);

/* See rf_state_section(). */
int rf_state_make_section(struct rf_state *state, const void **bytes, size_t *size,
			  struct rf_error *err);

#endif
