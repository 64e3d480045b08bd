/* SPDX-License-Identifier: BSD-3-Clause */
/* Plans (plan.h) for a job as its coordinator knows it. */
#ifndef RF_LAUNCHER_PLANNING_H
#define RF_LAUNCHER_PLANNING_H

#include "coordinator.h"
#include "plan.h"
#include "util/error.h"

/* As rf_plan_begin(), or with `home` as rf_plan_home(), from where the ranks are now. */
struct rf_plan *rf_planning_make(const struct rf_coordinator *coordinator,
				 const struct rf_hostlist *home, const struct rf_plan_wish *wish,
				 struct rf_error *err);

/* The event "move.begin": the ranks that move to this generation, and where from and to. */
void rf_planning_tell(const struct rf_coordinator *coordinator, const struct rf_plan *plan,
		      int generation);

#endif
