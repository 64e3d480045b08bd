/* SPDX-License-Identifier: BSD-3-Clause */
/* A job as balance.h sees it: its hosts, those that it may use besides, and its ranks. */
#ifndef RF_LAUNCHER_SIGHT_H
#define RF_LAUNCHER_SIGHT_H

#include "balance.h"
#include "coordinator.h"
#include "loads.h"
#include "util/hostlist.h"

struct rf_sight {
	struct rf_balance_view view; /* age_ms is left to whoever has opened it */
	struct rf_balance_host *host;
	struct rf_balance_rank *rank;
	unsigned own; /* the first hosts are the job's */
	struct rf_plan_host *found;
};

/*
 * `spares` must stay valid until it is closed; ranks are not to go to hosts of `avoid`. Either may
 * be NULL. -1: it is not known where all ranks are, or no memory. To be closed, also then.
 */
int rf_sight_open(struct rf_sight *sight, const struct rf_coordinator *coordinator,
		  const struct rf_loads *loads, const struct rf_hostlist *spares,
		  const struct rf_hostlist *avoid, struct rf_error *err);
void rf_sight_close(struct rf_sight *sight);

unsigned rf_sight_ranks_on(const struct rf_sight *sight, unsigned host);

#endif
