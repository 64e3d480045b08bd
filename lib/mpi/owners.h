/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Recursive locks of ld.so and libc that a thread held while an image was taken: they have its tid
 * of then, and would not know their owner again. (A thread may be in dlopen() for a long time: a
 * Python program that imports.) The locks are in the two libraries' own data; nothing else is
 * looked at, since numbers in a program's memory may be anything.
 */
#ifndef RF_MPI_OWNERS_H
#define RF_MPI_OWNERS_H

/* Finds the data of the two. Called once, where libc may be used. */
void rf_owners_find(void);

/* Gives the locks to the new tids of their owners. In a restored process, all others stopped. */
void rf_owners_restored(void);

#endif
