/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The rank's side of a quiesce: orders of the coordinator (wire/step.h, docs/decisions/0005), which
 * come over the link (link.h), and what the rank does about them.
 *
 * While an order is unanswered the keeper pokes the process. A thread of the application then looks
 * after the quiesce wherever it is found: in the poke's handler if no MPI call is running on it, at
 * the entry of any MPI call (gate.h), before a collective (collective.h), or in the progress loop
 * of a call that it waits in (reach.h). All of them call rf_quiesce_turn(), one thread at a time.
 */
#ifndef RF_MPI_QUIESCE_H
#define RF_MPI_QUIESCE_H

#include "engine/gate.h"
#include "mpi/handle.h"

/* Where a thread is that looks after the quiesce. */
enum rf_at {
	RF_AT_SIGNAL,	  /* in the poke's handler; no MPI call is running on this thread */
	RF_AT_ENTRY,	  /* about to make an MPI call; nothing of it has happened */
	RF_AT_COLLECTIVE, /* the same, a collective one */
	RF_AT_WAIT,	  /* in the progress loop of a call, in a callback of the gate */
};

/* What it is to do then. */
enum rf_turn {
	RF_TURN_GO,   /* go on with the application */
	RF_TURN_REDO, /* the same, with rf_redo(): the engine that the call waits in is gone */
	RF_TURN_HOLD, /* wait a little and take another turn */
};

/*
 * Reads orders and does what can be done here and now. Does not block, but in a capture. `in`: the
 * class of the call that waits (RF_AT_WAIT). `before`: what the collective is on, NULL if nothing
 * counts it (RF_AT_COLLECTIVE); it is counted when the answer is that it may go on. For any thread,
 * with the gate left; if another one is at it, this one is told at once.
 */
enum rf_turn rf_quiesce_turn(enum rf_at at, enum rf_inside in, struct rf_handle *before);

/*
 * For the poke's handler, also while an MPI call runs on the thread: obeys orders that are no part
 * of a quiesce (RF_STEP_PRECOPY). 1 if there was one, so that no MPI call need look at the link.
 */
int rf_quiesce_aside(void);

/* May only one thread at a time call MPI? Asked for at MPI_Init; till then: no. */
void rf_quiesce_serial(int serial);

/* Must messages not be sent now? Then a thread that is held lets no signal handler run. */
int rf_quiesce_closed(void);

/* A collective on `handle` was counted, and is held before it begins: takes back both. */
void rf_quiesce_held(struct rf_handle *handle);

/* ADVANCE has come since: it may begin, whatever the target. */
void rf_quiesce_advance(struct rf_handle *handle);

/* How many ADVANCE have come: who is held before a collective then makes it. */
unsigned rf_quiesce_advances(void);

#endif
