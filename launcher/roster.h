/* SPDX-License-Identifier: BSD-3-Clause */
/* The ranks of a job, as far as the coordinator has heard of them. */
#ifndef RF_LAUNCHER_ROSTER_H
#define RF_LAUNCHER_ROSTER_H

#include <stdbool.h>
#include <sys/types.h>

#include "util/error.h"

enum rf_rank_state {
	RF_RANK_UNKNOWN, /* a number below one that has been heard of */
	RF_RANK_STARTED, /* its process runs; it is not in MPI, or natively */
	RF_RANK_JOINED,	 /* it is in MPI, and takes orders */
	RF_RANK_LEFT,	 /* it has finalized MPI, or is about to end */
	RF_RANK_ENDED,
};

/* How a rank's process has come to its end. */
enum rf_rank_end {
	RF_RANK_END_OWN,    /* by itself: it exited, crashed, or somebody has killed it */
	RF_RANK_END_TOLD,   /* by a signal that mpirun has passed on, or by its keeper */
	RF_RANK_END_BEREFT, /* its keeper has killed it, since its slot was lost */
	RF_RANK_ENDS	    /* how many */
};

struct rf_rank {
	enum rf_rank_state state;
	void *keeper; /* the coordinator's; NULL: lost, or none yet */
	char *host;   /* NULL before `started` */
	char *home;   /* the first host it was on */
	pid_t pid;    /* of the process that uses MPI, or else of the program that was started */
	char *reason; /* why it can not be captured, or NULL */
	int status;   /* as of waitpid(), when it has ended */
	/* in a move (coordinator.h) */
	void *arriving; /* the keeper where one waits that is being compared, or NULL */
	void *next;	/* the keeper where its slot of the next generation waits, or NULL */
	void *former;	/* the keeper whose process of it is about to end, or NULL */
	pid_t next_pid; /* of its process there, when it has been restored */
};

struct rf_roster {
	struct rf_rank *rank;
	unsigned count;
};

/* The entry of a rank, made if there was none. NULL if there can be no such rank, or no memory. */
struct rf_rank *rf_roster_get(struct rf_roster *roster, int rank);

void rf_roster_set_host(struct rf_rank *rank, const char *host);
void rf_roster_set_reason(struct rf_rank *rank, const char *reason); /* NULL or "": none */

/* "3 on node1"; valid until the next call. */
const char *rf_roster_name(const struct rf_roster *roster, unsigned rank);

/* "computes", "joined"...: a word for status. */
const char *rf_roster_state(const struct rf_rank *rank);

/* Has the rank a process that can take orders? */
bool rf_roster_is_joined(const struct rf_roster *roster, unsigned rank);

/* Are all ranks there, and can each be stopped and captured? -1: err says which can not, and why.
 */
int rf_roster_check(const struct rf_roster *roster, struct rf_error *err);

/* Are they not, but may be soon? Some have not been heard of, or have not called MPI_Init. */
bool rf_roster_is_coming(const struct rf_roster *roster);

void rf_roster_clear(struct rf_roster *roster);

#endif
