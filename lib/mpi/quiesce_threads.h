/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the other threads of this rank do while one looks after a quiesce. Those outside of MPI are
 * left alone until the capture stops them; they are held as soon as they come to MPI.
 */
#ifndef RF_MPI_QUIESCE_THREADS_H
#define RF_MPI_QUIESCE_THREADS_H

#include <stdint.h>

struct rf_others {
	int inside;	/* some are in the engine, or in a callback from it */
	int moving;	/* some of those may be doing more than to wait */
	int counting;	/* some may have counted a collective that they are held before */
	int collective; /* some are in a collective */
	int unsafe;	/* some are in calls that can not be made again */
	int loose;	/* some are not held where they could be captured */
	int probing;	/* so many, and the calling one if it does, wait in MPI_Mprobe */
};

/*
 * Looks at all attached threads but the calling one. `id`: of the quiesce; a thread that waits in
 * the progress loop has it in thread->looked and thread->counted, and one that sleeps has been
 * woken. 0, or -1: their list is locked just now.
 */
int rf_others_look(uint32_t id, struct rf_others *others);

/*
 * After this the calling thread sees what each other one had written before it read what this one
 * has written before (membarrier(2)). prepare: once, before.
 */
void rf_others_prepare(void);
void rf_others_barrier(void);

#endif
