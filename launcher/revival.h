/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The first moments of a job that goes on from a snapshot: its ranks are restored each by itself,
 * make their MPI state again together, and report READY; when all have, they are told to go on.
 *
 * In a libevent loop, one thread.
 */
#ifndef RF_LAUNCHER_REVIVAL_H
#define RF_LAUNCHER_REVIVAL_H

#include <event2/event.h>

#include "coordinator.h"
#include "util/error.h"

#define RF_REVIVAL_MS 3600000 /* for all ranks to be there: they may have to read terabytes */

struct rf_revival;

/*
 * `over` is called once: with NULL when all ranks go on, else with what is wrong; the job can not
 * go on then.
 */
struct rf_revival *rf_revival_create(struct event_base *base, struct rf_coordinator *coordinator,
				     unsigned ranks,
				     void (*over)(const struct rf_error *why, void *data),
				     void *data, struct rf_error *err);

/* What the coordinator hears. */
void rf_revival_report(struct rf_revival *revival, const struct rf_report *report);

/* NULL is allowed. */
void rf_revival_destroy(struct rf_revival *revival);

#endif
