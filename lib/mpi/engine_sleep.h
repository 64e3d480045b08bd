/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Threads that sleep in a call of MPI (MPI_THREAD_MULTIPLE). Open MPI lets one of the threads that
 * wait run the progress loop; the others sleep on a condition variable each, and would not see a
 * quiesce. While one is wanted they wake up and take part in the loop, with its hook, and sleep
 * again when it is over. Engine program only.
 */
#ifndef RF_MPI_ENGINE_SLEEP_H
#define RF_MPI_ENGINE_SLEEP_H

/*
 * What a thread that would sleep does instead, as long as `*wanted` is not 0: one turn of the loop.
 * Set once, before another thread can wait.
 */
void rf_sleep_instead(const int *wanted, int (*turn)(void));

/*
 * Wakes those that sleep; called again until they have come, as one that is just falling asleep may
 * be missed. Does not block for long, never changes what a call waits for.
 */
void rf_sleep_wake(void);

#endif
