/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The engine that a rank is about to take: it is loaded, and goes through MPI_Init on a thread of
 * its own, in which it waits for the engines of all other ranks, while the application runs in the
 * present one. It cannot end the rank.
 *
 * Functions may be called in signal handlers, by one thread at a time.
 */
#ifndef RF_MPI_COMING_H
#define RF_MPI_COMING_H

#include "engine/engine.h"
#include "util/error.h"

/*
 * Loads one with the slot's environment and lets it begin. 1; 0: not here and now; -1 and `err`.
 * Takes 4-10 ms.
 */
int rf_coming_begin(char *const envp[], struct rf_error *err);

/* Is it there? 1; 0 not yet; -1 and `err`: it will not be; there is none any more. */
int rf_coming_turn(struct rf_error *err);

/* Another one that is there: adopted by a restored process. */
void rf_coming_is(struct rf_engine *engine, int level);

/* What has been begun, there or not; NULL: nothing. */
struct rf_engine *rf_coming_engine(void);

/*
 * That is there, and the caller's from now on; its level of threads. 0; -1 and `err`: it is not, or
 * it was lost since, and must be dropped. An exit() of it is the caller's, too, from some moment in
 * this call on: who is to be told must be so before.
 */
int rf_coming_take(int *level, struct rf_error *err);

/* Throws it away, there or not. 1 if there is none any more, 0: not here and now. */
int rf_coming_drop(void);

/* From rf_engine_on_exit(): was it this engine, which has ended by itself? Any thread. */
int rf_coming_exits(const struct rf_engine *engine);

#endif
