/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who goes where: the plan of a move. Ranks that move go, each in turn, to the target that then has
 * the fewest ranks for its CPUs, the first of equals. Without named targets these are the job's
 * other hosts that have more CPUs than ranks.
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
};

struct rf_plan_wish {
	const struct rf_hostlist *empty; /* these hosts; or NULL: */
	const struct rf_idset *move;	 /* these ranks */
	const struct rf_hostlist *to;	 /* NULL: the job's other hosts */
};

struct rf_plan {
	unsigned ranks, moving;
	bool *moves; /* of each rank */
	char **host; /* of each rank, from then on */
};

/*
 * NULL and `err`: there is no room, or no such rank. A plan in which nobody moves is one. A host to
 * be emptied is never a target. To be freed with rf_plan_destroy().
 */
struct rf_plan *rf_plan_make(const struct rf_plan_now *now, const struct rf_plan_wish *wish,
			     struct rf_error *err);
void rf_plan_destroy(struct rf_plan *plan);

/* Do two names mean the same host: equal, or one is the other without its domain? */
bool rf_same_host(const char *a, const char *b);

#endif
