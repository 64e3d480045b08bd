/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What an engine does on a thread of its own, while the application runs. Built into both halves.
 */
#ifndef RF_MPI_BACKGROUND_H
#define RF_MPI_BACKGROUND_H

/* Of the application half; to be read when `done`. */
struct rf_background {
	int done;  /* with release; never if the thread is ended by the engine's exit() */
	int rc;	   /* MPI error code */
	int level; /* MPI_Init: of threads, wanted and then given */
};

/*
 * Inside the engine. Calls MPI_Finalize; nothing of the application may be in the engine any more,
 * but in calls that will not return. 0, or -1 if there can be no thread.
 */
int rf_background_finalize(struct rf_background *report);

/*
 * The same for MPI_Init_thread, with at least this level. When that is done, claim() on the thread
 * of the application that has called MPI_Init: MPI_Is_thread_main is true there. 0.
 */
int rf_background_init(int level, struct rf_background *report);
int rf_background_claim(void);

#endif
