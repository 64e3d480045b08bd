/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The placement plugin of a job (plugin.h): asked where ranks go that move. What it proposes is
 * checked, and refused if it is no plan; then, and if it does not answer, ranks are spread by the
 * built-in rule, and that is said. In a libevent loop, one thread.
 */
#ifndef RF_LAUNCHER_PLACEMENT_H
#define RF_LAUNCHER_PLACEMENT_H

#include <event2/event.h>
#include <stdbool.h>

#include "moves.h"
#include "plan.h"
#include "plugin.h"

#define RF_PLACEMENT_BUILT_IN "spread"

struct rf_placement;

/* Starts it, takes over what the spec owns, and waits until it has started. */
struct rf_placement *rf_placement_create(struct event_base *base, struct rf_plugin_spec *spec,
					 struct rf_error *err);

/* Asks: rf_moves_placed() follows, not at once. False: it can not be asked now; that was said. */
bool rf_placement_ask(struct rf_placement *placement, const struct rf_plan *plan,
		      struct rf_moves *moves);

/* The moves that have asked end: nothing that is still to come is for them. NULL is allowed. */
void rf_placement_forget(struct rf_placement *placement);

/* NULL is allowed. No answer follows. */
void rf_placement_destroy(struct rf_placement *placement);

#endif
