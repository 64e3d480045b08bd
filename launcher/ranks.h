/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The ranks of a job on one host, as their keeper has them: it listens for slots on a Unix socket,
 * starts each slot's program as a process of its own with a process group of its own, passes on
 * signals, and gives back how the process ended. A rank whose slot is gone is killed.
 *
 * Runs in a libevent loop, one thread. The process must be a child subreaper and have no other
 * children.
 */
#ifndef RF_LAUNCHER_RANKS_H
#define RF_LAUNCHER_RANKS_H

#include <event2/event.h>
#include <stdbool.h>
#include <sys/types.h>

#include "identity.h"
#include "leftovers.h"
#include "roster.h"
#include "rundir.h"
#include "util/error.h"

struct rf_ranks;

/* For the coordinator's information. Called from the loop. */
struct rf_ranks_ops {
	/* `ranks`: how many there are in its MPI_COMM_WORLD; 0: not known. */
	void (*started)(int rank, int ranks, pid_t pid, void *data);
	void (*ended)(int rank, int status, enum rf_rank_end how, void *data);
	void (*native)(int rank, const char *reason, void *data); /* can not be moved */
	void (*idle)(void *data);				  /* the last slot is gone */
	/* A slot of a later generation waits. */
	void (*waiting)(int rank, int generation, void *data);
	/* A process of this rank wants a link (links.h), whose fd is handed over. */
	void (*join)(int fd, pid_t pid, int rank, const char *reason, void *data);
};

/*
 * Slots of a later generation wait: they are held, and no process is started for them, until one of
 * the following three calls.
 */

/* What the waiting slot of this rank and generation lends; NULL if there is none. */
const struct rf_identity *rf_ranks_held(struct rf_ranks *ranks, int number, int generation);

/* A process of the waiting slot makes an engine for the rank, and waits for its image
 * (snapshot/standby.h): for the order PREPARE `id`, with what the rank has answered to it. */
int rf_ranks_standby(struct rf_ranks *ranks, int number, int generation, int id, const char *seat,
		     struct rf_error *err);

/*
 * The rank's process here is that of the waiting slot from now on. Its old slot still lends it an
 * engine that has not ended, until retire(): then it ends with 0.
 */
int rf_ranks_adopt(struct rf_ranks *ranks, int number, int generation, struct rf_error *err);
void rf_ranks_retire(struct rf_ranks *ranks, int number, int generation);

/* Waiting slots of this generation end with 0, and processes that it has got are killed. */
void rf_ranks_dismiss(struct rf_ranks *ranks, int generation);

/* Listens in the run directory, which is there. `strict`: only programs that can be moved are
 * started. */
struct rf_ranks *rf_ranks_create(struct event_base *base, const struct rf_rundir *dir,
				 struct rf_leftovers *leftovers, bool strict,
				 const struct rf_ranks_ops *ops, void *data, struct rf_error *err);

/*
 * Until this call slots are not told that their ranks have ended, so that mpirun can not end, and
 * with it the job, before the coordinator knows of this keeper.
 */
void rf_ranks_confirm(struct rf_ranks *ranks);

/* How many slots are connected. */
int rf_ranks_slots(const struct rf_ranks *ranks);

/* Sends a signal to the process groups of all ranks. */
void rf_ranks_signal(struct rf_ranks *ranks, int number);

/*
 * Ends all slots with Rankferry's own exit code; one of them prints `why`. Their ranks are killed.
 * If it is empty, those that wait end with 0: they have come for a move that was given up.
 */
void rf_ranks_fail(struct rf_ranks *ranks, const char *why);

/*
 * Listens no more, and ends every process that came from the ranks, for at most `ms`: it does not
 * return to the loop meanwhile. Frees.
 */
void rf_ranks_destroy(struct rf_ranks *ranks, int ms);

#endif
