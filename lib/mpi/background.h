/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What an engine does on a thread of its own, while the application runs. Built into both halves.
 */
#ifndef RF_MPI_BACKGROUND_H
#define RF_MPI_BACKGROUND_H

/* Of the application half; to be read when `done`. */
struct rf_background {
	int done; /* with release; never if the thread is ended by the engine's exit() */
	int rc;	  /* MPI error code */
};

/*
 * Inside the engine. Calls MPI_Finalize; nothing of the application may be in the engine any more,
 * but in calls that will not return. 0, or -1 if there can be no thread.
 */
int rf_background_finalize(struct rf_background *report);

#endif
