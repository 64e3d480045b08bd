/* SPDX-License-Identifier: BSD-3-Clause */
/* Clients (control.h) that are told a job's events (events.h): those so far, and on request all
 * that come. One that does not read is cut off. */
#ifndef RF_LAUNCHER_FOLLOWERS_H
#define RF_LAUNCHER_FOLLOWERS_H

#include <jansson.h>

#include "control.h"
#include "events.h"

#define RF_FOLLOWERS_UNREAD                                                                        \
	(1 << 20) /* bytes that wait for a client, beyond which it is cut off                      \
		   */

struct rf_followers;

/* `events` must stay valid; NULL is allowed. NULL: no memory. */
struct rf_followers *rf_followers_create(struct rf_events *events);

/* Answers a request of kind "events". */
void rf_followers_add(struct rf_followers *followers, struct rf_client *client,
		      const json_t *request);
void rf_followers_withdraw(struct rf_followers *followers, struct rf_client *client);

/* Ends the answers. NULL is allowed. */
void rf_followers_destroy(struct rf_followers *followers);

#endif
