/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The MPI objects of a rank: what they are is read from an engine at a quiesce, and they are made
 * again in another one (docs/decisions/0005).
 *
 * Only what is live is recorded, in pages of its own, which are part of an image. Nothing here uses
 * malloc() or stdio of the application, so all of it may run in a signal handler, on one thread
 * at a time, while no other thread of the rank is in MPI. All are called with the gate left.
 */
#ifndef RF_MPI_STATE_H
#define RF_MPI_STATE_H

#include <stddef.h>

#include "util/error.h"

/*
 * What this rank has at the moment that cannot be made again in another engine ("an open file",
 * "a window", a point-to-point layer that cannot be read): how many, and in `text` (`size` bytes)
 * their names, with "; " between them. 0: none; -1: a thread is changing handles just now. May be
 * called at any time from MPI_Init to MPI_Finalize by the thread that leads a quiesce.
 */
int rf_state_obstacles(char *text, size_t size);

/* Has it a window or an MPI file? Collectives on these are not agreed on by a quiesce. */
int rf_state_opened(void);

/*
 * Records everything. For the end of a quiesce: all sends are complete, no collective is under way,
 * and messages without a receive have been taken out. The receives that threads are blocked in
 * (redo.h) are left out: those threads make them again. What was recorded before is replaced, but
 * in a restored process, which has no engine, it stays. 0, or -1 and `err` with nothing recorded.
 */
int rf_state_save(struct rf_error *err);

/* What was saved, and the messages that were drained, as tables for people (image/section.h). They
 * are valid until rf_state_drop(). */
int rf_state_section(const void **bytes, size_t *size, struct rf_error *err);

/* The receive that a thread is blocked in, with the arguments of its call (application handles). */
struct rf_state_blocked {
	const void *buffer;
	int count;
	void *datatype;
	int source, tag;
	void *comm;
};

/*
 * Makes everything again in the current engine, which is new and initialised (rf_switch() does
 * that). Collective over all ranks of the job. The handles of the application lead to the new
 * objects only when rf_state_adopt() is called, which cannot fail, and to the old ones again after
 * rf_state_revert(). 0, or -1 and `err`.
 */
int rf_state_rebuild(struct rf_error *err);
void rf_state_adopt(void);
void rf_state_revert(void);

/* Inside the old engine, before it is finalized: nobody waits for its receives any more. */
struct rf_mpi_table;
void rf_state_forsake(const struct rf_mpi_table *old);

/* The level of threads, and the time of MPI_Wtime, that were recorded. */
int rf_state_level(void);
double rf_state_elapsed(void);

/* Gives the records' memory back, if there are any. */
void rf_state_drop(void);

#endif
