/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reaching a rank that is blocked in a call (docs/decisions/0003). Blocking calls are the engine's
 * own; its progress loop looks at one flag of ours.
 */
#ifndef RF_MPI_REACH_H
#define RF_MPI_REACH_H

/*
 * Lets `function` be called soon on each thread that is blocked in a call of the engine, and again
 * at every turn of its wait loop until rf_reach_stop(). It runs in the application half (the gate
 * is left around it), may use libc and make MPI calls, and returns into the wait, or not at all
 * (redo.h). thread->waits says what the thread waits in; RF_OUTSIDE is a wait of the shim's own.
 * Both are async-signal-safe; may be called from any thread.
 */
void rf_reach_start(void (*function)(void));
void rf_reach_stop(void);

/* What the engine calls. */
void rf_reach_hook(void);

/* Installs the flag in the engine: once for each engine, after its MPI_Init. 0 or -1. */
int rf_reach_watch(void);

#endif
