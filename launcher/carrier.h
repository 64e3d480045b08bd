/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A keeper's connections for the images of its ranks that move: to the keeper of the host where
 * each goes (receiver.h). They are made, and proven by the job's secret, before they are needed;
 * then each is lent to its rank, which writes its memory into it itself.
 *
 * In a libevent loop, one thread.
 */
#ifndef RF_LAUNCHER_CARRIER_H
#define RF_LAUNCHER_CARRIER_H

#include <event2/event.h>
#include <jansson.h>

#include "util/error.h"
#include "wire/secret.h"

#define RF_CARRIER_MS	      5000 /* for a connection, and for the answer of the other side */
#define RF_CARRIER_SILENCE_MS 8000 /* a host that does not take or give a byte is lost after it */

struct rf_carrier;

/* The connection for the image of `rank` is there, or why it is not. Called from the loop. */
typedef void rf_carried(int rank, const struct rf_error *why, void *data);

/* The secret is borrowed. */
struct rf_carrier *rf_carrier_create(struct event_base *base, const struct rf_secret *secret,
				     rf_carried *carried, void *data, struct rf_error *err);

/*
 * Connects to one of `addresses` for an image of `rank`, and says `image` there (kinds.c; taken
 * over); carried() follows, unless -1 is returned. It takes the place of one that the rank has.
 */
int rf_carrier_begin(struct rf_carrier *carrier, int rank, const char *addresses, json_t *image,
		     struct rf_error *err);

/* The connection for the rank: the caller's from now on. -1: there is none. */
int rf_carrier_take(struct rf_carrier *carrier, int rank);

/* Gives up all that nobody has taken; carried() is not called. */
void rf_carrier_drop(struct rf_carrier *carrier);

/* NULL is allowed. */
void rf_carrier_destroy(struct rf_carrier *carrier);

#endif
