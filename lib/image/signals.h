/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Signal actions, pending signals and timers of this process.
 */
#ifndef RF_IMAGE_SIGNALS_H
#define RF_IMAGE_SIGNALS_H

#include "image/scratch.h"

/* Appends the 64 actions. `stop` is what the application has for the signal that stops threads. */
int rf_signals_actions(struct rf_array *actions, const struct rf_action *stop);

/*
 * Appends the signals that are pending for the calling thread (`tid` its own) and leaves them
 * pending, in order. The caller has blocked all signals. 0 or a negative errno.
 */
int rf_signals_drain(struct rf_array *pending, int tid);

/* Appends those that are pending for the calling thread and for the process. `text` is a buffer. */
int rf_signals_pending(struct rf_array *pending, struct rf_array *text, struct rf_error *err);

/* Appends interval timers that run, and POSIX timers. */
int rf_signals_timers(struct rf_array *timers, struct rf_array *text, struct rf_error *err);

#endif
