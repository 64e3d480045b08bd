/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who goes where: the plan of a move. It is begun with who moves and which hosts there are; whoever
 * places the ranks (a placement plugin, or the built-in rule: plugins/placement/spread.c) proposes
 * a host for each; that is checked against the room. Without named targets ranks go to the job's
 * other hosts and spares that have more CPUs than ranks; a spare of which the CPUs are not known
 * yet is taken to be like the job's largest host.
 */
#ifndef RF_LAUNCHER_PLAN_H
#define RF_LAUNCHER_PLAN_H

#include <stdbool.h>

#include "util/error.h"
#include "util/hostlist.h"
#include "util/idset.h"

struct rf_plan_host {
	const char *name; /* as its keeper says */
	unsigned cpus;	  /* for this job; 0: not known */
};

struct rf_plan_now {
	const struct rf_plan_host *host; /* of the job */
	unsigned hosts;
	const unsigned *place; /* of each rank: an index in `host` */
	unsigned ranks;
	const char *const *home; /* of each rank: the first host it was on; NULL: not known */
};

struct rf_plan_wish {
	const char *const *exact;	 /* of each rank, where it goes, NULL: it stays; or NULL: */
	const struct rf_hostlist *empty; /* these hosts; or NULL: */
	const struct rf_idset *move;	 /* these ranks */
	const struct rf_hostlist *to;	 /* NULL: the job's other hosts, and: */
	const struct rf_hostlist *spare; /* these, or NULL */
	const struct rf_hostlist *avoid; /* but none of these; or NULL */
	const struct rf_hostlist *shun;	 /* nor these, if there is room elsewhere; or NULL */
};

/* A host that ranks go to, or leave. */
struct rf_plan_target {
	char *name;
	unsigned cpus, ranks; /* those that stay there */
	unsigned room;	      /* for how many more; 0: none may go there */
	bool spare;	      /* not a host of the job yet, and not named */
};

struct rf_plan {
	unsigned ranks, moving;
	bool *moves;	/* of each rank */
	char **host;	/* of each rank, from then on; before rf_plan_place(): of those that stay */
	unsigned *from; /* of each that moves, in their order: an index in `target` */
	struct rf_plan_target *target;
	unsigned targets;
};

/*
 * NULL and `err`: no such rank, no room, or a host that is to be emptied is a target. A plan in
 * which nobody moves is one. To be freed with rf_plan_destroy().
 */
struct rf_plan *rf_plan_begin(const struct rf_plan_now *now, const struct rf_plan_wish *wish,
			      struct rf_error *err);

/* Where each rank that moves is to go, in their order: indexes in `target`. -1: it is no plan. */
int rf_plan_place(struct rf_plan *plan, const unsigned *to, struct rf_error *err);

/* The same by the built-in rule. */
int rf_plan_spread(struct rf_plan *plan, struct rf_error *err);

/* Complete: ranks that were first on these hosts, and are elsewhere, go back to them. */
struct rf_plan *rf_plan_home(const struct rf_plan_now *now, const struct rf_hostlist *hosts,
			     struct rf_error *err);

/* Begun, and spread. */
struct rf_plan *rf_plan_make(const struct rf_plan_now *now, const struct rf_plan_wish *wish,
			     struct rf_error *err);
void rf_plan_destroy(struct rf_plan *plan);

/* Do two names mean the same host: equal, or one is the other without its domain? */
bool rf_same_host(const char *a, const char *b);

/* Is it in the list, by any such name? NULL has none. */
bool rf_has_host(const struct rf_hostlist *list, const char *host);

#endif
