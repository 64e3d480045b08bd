/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Emptying the engine of messages, and giving them back (docs/decisions/0005).
 *
 * Drain: flush all communicators, wait for non-blocking collectives, take the messages that no
 * receive waits for into own memory, wait until sends and matched receives are done. All ranks of
 * the job drain in one quiesce. Give back: each message returns to its sender, which sends it again
 * as it was, in order, before its application goes on; so matching, probing and truncation remain
 * the engine's own. One that MPI_Mprobe had matched is matched again, for the same handle, before
 * its receiver's application goes on.
 *
 * Both go on by turns, none of which blocks, on any thread that is allowed to call MPI; the caller
 * serialises them. With the gate left. No memory of the application is used.
 */
#ifndef RF_MPI_DRAIN_H
#define RF_MPI_DRAIN_H

#include <mpi.h>
#include <stddef.h>
#include <stdint.h>

#include "mpi/handle.h"
#include "util/error.h"

/* A message that was taken out of the engine: no receive waits for it, or MPI_Mprobe has matched
 * it. */
struct rf_drained {
	struct rf_drained *next;
	struct rf_handle *comm;
	int source; /* rank in `comm`, the remote group's of an intercommunicator */
	int tag;
	size_t size;
	void *bytes;	  /* packed */
	MPI_Message held; /* NULL, or the engine's, which MPI_Mprobe has returned: it is hollow */
	int index;	  /* Fortran's number of it, or -1 */
};

/* Begins the drain of quiesce `id`. */
void rf_drain_begin(uint32_t id);
/*
 * 1: nothing is under way; 0: not yet; -1 and `err`. May be called again after 1. `probing`: so
 * many threads are in MPI_Mprobe.
 */
int rf_drain_turn(int probing, struct rf_error *err);

/* What was taken, in order. Valid from the end of a drain until the give-back. */
const struct rf_drained *rf_drained(void);

/* Ends the drain of quiesce `id`, however far it is, and begins to give back. */
void rf_giveback_begin(uint32_t id);
/* 1: all is sent again; 0: not yet; -1 and `err`: a message is lost, the job must not go on. */
int rf_giveback_turn(struct rf_error *err);

/* Frees what was sent again and has left: 1 if nothing remains. */
int rf_giveback_reap(void);

#endif
