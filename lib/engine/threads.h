/* SPDX-License-Identifier: BSD-3-Clause */
/* The threads that an engine has started: those whose stack lies in its window. */
#ifndef RF_ENGINE_THREADS_H
#define RF_ENGINE_THREADS_H

#include "engine/internal.h"

/* How many there are now; -1 and `err` if it cannot be seen. */
RF_HIDDEN int rf_threads_count(struct rf_engine *engine, struct rf_error *err);

/*
 * Ends them where they stand, whatever locks they hold: only for an engine that is thrown away.
 * Waits for the last one, at most 2 s. 0, or -1 and `err`.
 */
RF_HIDDEN int rf_threads_kill(struct rf_engine *engine, struct rf_error *err);

#endif
