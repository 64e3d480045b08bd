/* SPDX-License-Identifier: BSD-3-Clause */
/* What job.c and job_mpirun.c have in common: a job, and its mpiruns. */
#ifndef RF_LAUNCHER_JOB_PARTS_H
#define RF_LAUNCHER_JOB_PARTS_H

#include <event2/event.h>

#include "coordinator.h"
#include "events.h"
#include "generation.h"
#include "job.h"
#include "mpirun.h"
#include "recovery.h"
#include "revival.h"
#include "rundir.h"
#include "service.h"
#include "timer.h"
#include "unattended.h"

struct rf_job;

/* An mpirun of the job. */
struct rf_job_mpirun {
	struct rf_job *job;
	struct rf_mpirun *mpirun;
	struct rf_generation *generation; /* whose mpirun it is, from the second on; else NULL */
	struct event *late;		  /* it has been told to go, and has had its time */
	bool over;
	struct rf_job_mpirun *prev, *after; /* in the job's list */
};

struct rf_job {
	const struct rf_job_options *options;
	struct rf_recover_options recover; /* the options', or as the policy has become */
	char id[RF_JOB_ID];
	struct rf_events *events; /* NULL: none are kept */
	struct rf_notifiers *notifiers;
	struct rf_shelf *shelf; /* NULL: its snapshots are in the store only */
	struct rf_recovery *recovery;
	/* of one life (recovery.h) */
	struct event_base *base;
	struct rf_coordinator *coordinator;
	struct rf_unattended *unattended;
	struct rf_service *service; /* NULL: it takes no commands, or not yet */
	struct rf_revival *revival; /* NULL: the job does not go on from a snapshot, or has done */
	struct rf_job_mpirun *mpiruns; /* all that there are: these three, and what was abandoned */
	struct rf_job_mpirun *now;     /* the job's mpirun */
	struct rf_job_mpirun *next;    /* that of a generation whose slots wait, or NULL */
	struct rf_job_mpirun *old; /* that of the last generation, which is about to end, or NULL */
	struct event *impatience;  /* mpirun must end */
	struct event *launched;	   /* all ranks must have been started */
	struct event *farewell;	   /* keepers must end */
	bool by_us;		   /* told, but by this process */
	bool stopped;		   /* by a snapshot, for another day */
	bool told, gone;	   /* mpirun was told to end; it has ended */
	bool waited;		   /* keepers have got more time to end */
	const char *restore;	   /* the snapshot that its ranks go on from, or NULL */
	unsigned ranks;		   /* in that */
	/* of all */
	unsigned lives; /* before this one */
	int64_t began_ms;
	struct rf_idset *periodic_taken; /* numbers of snapshots that it has taken of itself */
	bool had_ranks, end_said;
	int status; /* as of waitpid(), mpirun's or our own */
};

/* job.c: the job's mpirun has ended, or could not be run. */
void rf_job_finish(struct rf_job *job, int status);

/* job_mpirun.c */

/* Starts that of a life: the user's line as it is, or the snapshot's ranks on their hosts. */
int rf_job_start(struct rf_job *job, struct rf_error *err);

/* It has got this signal, or is about to: it must end, if that is one to end by. */
void rf_job_told(struct rf_job *job, int number);

/* For moves (moves.h). `data` is the job. */
int rf_job_launch(int number, char *const host[], unsigned ranks, void *data, struct rf_error *err);
void rf_job_abandon(bool dirty, void *data);
void rf_job_promote(void *data);
void rf_job_kill_old(void *data);

/* Kills all but the job's own and the last generation's. */
void rf_job_end_others(struct rf_job *job);

/* Ends all that there are, and waits for it. */
void rf_job_forget(struct rf_job *job);

#endif
