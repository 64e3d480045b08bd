/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The coordinator's part of images that go from host to host: the keepers where ranks go take them
 * (receiver.h), and before each image the keepers that have the ranks connect there (carrier.h), so
 * that it is known to work before anybody stops.
 *
 * In a libevent loop, one thread.
 */
#ifndef RF_LAUNCHER_ROUTES_H
#define RF_LAUNCHER_ROUTES_H

#include <event2/event.h>
#include <jansson.h>
#include <stdbool.h>

#include "coordinator.h"
#include "util/error.h"

#define RF_ROUTES_MS 12000 /* for all connections of a round */

struct rf_routes;
struct rf_coordinator_keeper;

/* The connections that were asked for are there, or `why` not. */
typedef void rf_routed(const struct rf_error *why, void *data);

/* For ranks whose slots of the next generation wait. One for a coordinator. */
struct rf_routes *rf_routes_create(struct event_base *base, struct rf_coordinator *coordinator,
				   const bool *moves, rf_routed *routed, void *data,
				   struct rf_error *err);

/* Makes those for a round (precopy.h), or with -1 for the last images; `base`: the round that they
 * are compared with, or -1. routed() follows, from the loop. */
void rf_routes_prepare(struct rf_routes *routes, int round, int base);

/* The keepers remove what they have received. NULL is allowed. */
void rf_routes_destroy(struct rf_routes *routes);

/* What keepers say (coordinator.c). */
int rf_routes_on_receiving(struct rf_coordinator_keeper *keeper, const json_t *message,
			   struct rf_error *err);
int rf_routes_on_carried(struct rf_coordinator_keeper *keeper, const json_t *message,
			 struct rf_error *err);

#endif
