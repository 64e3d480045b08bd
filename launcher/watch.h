/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A keeper's watch over its host: measures how the host is (gauge.h) from time to time, when the
 * coordinator wants to know, and not at all before. In a libevent loop, one thread.
 */
#ifndef RF_LAUNCHER_WATCH_H
#define RF_LAUNCHER_WATCH_H

#include <event2/event.h>

#include "links.h"
#include "load.h"

struct rf_watch;

/* `tell` is given each load, to be used until it returns. NULL: no memory. */
struct rf_watch *rf_watch_create(struct event_base *base, struct rf_links *links,
				 void (*tell)(const struct rf_load *load, void *data), void *data);

/* From now on every so many ms; 0: no more. */
void rf_watch_every(struct rf_watch *watch, int ms);

/* NULL is allowed. */
void rf_watch_destroy(struct rf_watch *watch);

#endif
