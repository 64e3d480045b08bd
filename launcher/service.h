/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a running job does for commands: enters the job among this user's (jobs.h), takes requests
 * (control.h), and answers them, by snapshots.h and from what the coordinator knows.
 */
#ifndef RF_LAUNCHER_SERVICE_H
#define RF_LAUNCHER_SERVICE_H

#include <event2/event.h>
#include <stdbool.h>

#include "coordinator.h"
#include "moves.h"
#include "unattended.h"
#include "periodic.h"
#include "util/error.h"
#include "util/idset.h"

#define RF_STORE_DEFAULT "rankferry-snapshots" /* below the working directory */

struct rf_service;
struct rf_shelf;

struct rf_service_options {
	const char *name; /* of the job, NULL: its id */
	const char *id;
	const char *store;		  /* absolute; NULL: the default */
	struct rf_shelf *shelf;		  /* what is kept on the hosts, or NULL */
	char *const *command;		  /* the mpirun line */
	struct rf_policies *policies;	  /* must outlive the service */
	struct rf_unattended *unattended; /* so must this */
	struct rf_interval_facts facts;	  /* at the start */
	struct rf_idset *periodic_taken;  /* numbers of its own snapshots, to be added to */
};

/* What a move needs of the job: see moves.h. */
struct rf_service_ops {
	void (*idle)(void *data); /* follows rf_service_finish(), if that says so */
	void (*taken)(const char *snapshot, void *data); /* there is one more */
	/* its ranks stand since it was taken, and are not to go on */
	void (*stopped)(const char *snapshot, void *data);
	void (*policy)(void *data); /* it is another one now */
	int (*launch)(int generation, char *const host[], unsigned ranks, void *data,
		      struct rf_error *err);
	void (*abandon)(bool dirty, void *data);
	void (*promote)(void *data);
	void (*kill_old)(void *data);
};

/* The options' texts must stay valid. */
struct rf_service *rf_service_create(struct event_base *base, struct rf_coordinator *coordinator,
				     const struct rf_service_options *options,
				     const struct rf_service_ops *ops, void *data,
				     struct rf_error *err);

/* What the coordinator hears. */
void rf_service_report(struct rf_service *service, const struct rf_report *report);
void rf_service_rank_lost(struct rf_service *service, unsigned rank, const char *how);

/* For moves, what else is heard. */
struct rf_moves *rf_service_moves(struct rf_service *service);

/*
 * The job ends. A snapshot whose ranks are all captured is still completed: then it returns true,
 * and idle() is called when that is done.
 */
bool rf_service_finish(struct rf_service *service);

/* NULL is allowed. */
void rf_service_destroy(struct rf_service *service);

#endif
