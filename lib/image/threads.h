/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stopping the application's other threads where they are, and letting them go on.
 *
 * A thread is stopped by a signal that neither glibc nor programs block (33, otherwise glibc's for
 * setuid in all threads). Its handler saves the registers that it must preserve; all others are in
 * the signal frame on its stack, so returning from the handler, here or in a restored process, is
 * all that is needed. The state is static: the handler must find it, in a restored process too.
 */
#ifndef RF_IMAGE_THREADS_H
#define RF_IMAGE_THREADS_H

#include "image/image.h"
#include "image/scratch.h"

/*
 * Stops all threads but the caller and those that `hooks` names, and appends one struct rf_thread
 * each to `threads`. The caller has blocked all signals. When a thread does not stop before the
 * deadline, all are let go and -1 is returned.
 */
int rf_threads_stop(struct rf_scratch *scratch, struct rf_array *threads,
		    const struct rf_image_hooks *hooks, struct rf_error *err);

/* Appends the signals that are pending for stopped threads; they stay pending. */
int rf_threads_pending(struct rf_array *pending, struct rf_array *text, struct rf_error *err);

/* The signals that are pending now, for the process, the caller or any stopped thread. */
int rf_threads_pending_mask(struct rf_array *text, uint64_t *mask, struct rf_error *err);

/* Lets them go and restores the signal's action. */
void rf_threads_resume(void);

/* The action of the stop signal as the application sees it; valid while threads are stopped. */
const struct rf_action *rf_threads_action(void);
#define RF_STOP_SIGNAL 33

/* In a restored process: waits until `n` threads have come back from the restorer, and a leader
 * that had left at the capture (`leaderless`) has left again. */
void rf_threads_arrive(uint64_t n, int leaderless);

#endif
