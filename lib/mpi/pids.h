/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Process and thread ids of a restored process, as the program knows them (docs/decisions/0008).
 *
 * The kernel gives a restored process and its threads new ids. The shim answers getpid(), gettid()
 * and their relatives with those that the program has seen first, and takes them where an id is an
 * argument. In a process that was not restored all of it passes through to the kernel.
 */
#ifndef RF_MPI_PIDS_H
#define RF_MPI_PIDS_H

/* Takes the new ids over. In a restored process, while all other threads are stopped. No malloc. */
void rf_pids_restored(void);

/* In a restored process: the kernel's id of a thread that had `tid` in the image; 0: none had. */
int rf_pids_renamed(int tid);

/* The kernel's own ids of the calling process and thread: what everybody else knows them by. */
int rf_pids_process(void);
int rf_pids_thread(void);

#endif
