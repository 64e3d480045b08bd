/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Another engine for a rank that lives.
 *
 *	rf_state_save()		at a quiesce, old engine alive
 *	rf_switch()		all ranks: new engines, MPI state rebuilt; the old ones stay
 *	rf_switch_finish()	all ranks: the old engines finalize in the background (parting.h)
 *	or rf_switch_undo()	any rank: back to the old engine, the new one is thrown away
 *
 * In a restored process there is no old engine: rf_switch() sees that, and rf_switch_finish() then
 * only drops the records. Constraints on the caller as in state.h.
 */
#ifndef RF_MPI_SWITCH_H
#define RF_MPI_SWITCH_H

#include "util/error.h"

/*
 * Takes the engine that has come (coming.h). If there is none: loads one into a free slot with the
 * environment `envp` (the slot's identity: an engine has one life per identity), initialises MPI
 * there with the thread level that the old one has, and rebuilds the state that rf_state_save()
 * recorded. Collective over all ranks of the job; each gets its own envp of one mpirun. 0, or -1
 * and `err`: then the rank goes on with its old engine, if it has one. Fds 0-2 are not touched.
 */
int rf_switch(char *const envp[], struct rf_error *err);

/* Engines that have come, are parting or were left may call exit(). Before the first of them. */
void rf_switch_watch(void);

/*
 * Ends what rf_switch() has begun, when all ranks have succeeded: the application may go on in the
 * new engine. The old one is left to rf_parting_turn(), which somebody must call until it is gone;
 * until then its slot must live. 0, or -1 and `err`: the switch holds, but the old engine was
 * thrown away as it was.
 */
int rf_switch_finish(struct rf_error *err);

/*
 * In place of rf_switch(), in a process whose rank goes on elsewhere, when the others have called
 * rf_switch_finish(): takes its part in MPI_Finalize. After it there is only _exit().
 */
int rf_switch_leave(struct rf_error *err);

/* Back to the old engine. 0, or -1 and `err` if there is none, or none any more. */
int rf_switch_undo(struct rf_error *err);

/*
 * Calls `function`, which enters the current engine. -1 and `err`: rf_switch() has taken that, it
 * is not final yet, and has ended, now or before: `function` may have been left in the middle. Then
 * there is only rf_switch_undo(); rf_switch_finish() would end the process.
 */
int rf_switch_guard(void (*function)(void), struct rf_error *err);

/*
 * From the keeper's poke, on any thread: does not return if the thread is to give up a call of
 * rf_switch(), rf_switch_guard() or rf_switch_leave(), since CANCEL has come, or the time is over,
 * or the engine's mpirun was lost.
 */
void rf_switch_poked(void);

#endif
