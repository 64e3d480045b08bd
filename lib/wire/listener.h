/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The two ends of making a channel over TCP: a listener that hands out only proven peers, and a
 * connector that tries all addresses of a listener.
 */
#ifndef RF_WIRE_LISTENER_H
#define RF_WIRE_LISTENER_H

#include "wire/channel.h"

#define RF_LISTENER_PENDING                                                                        \
	128 /* connections that have not proven themselves; the oldest makes room */
#define RF_CONNECT_NEXT_MS 250 /* before the next address is tried beside the last (RFC 8305) */

struct rf_listener;
struct rf_connector;

/*
 * Gets each peer that has proven itself, and takes it over with rf_channel_handle() and later
 * destroy. Connections that fail to prove themselves are closed; nothing is called and nothing is
 * logged.
 */
typedef void rf_accepted(struct rf_channel *channel, void *data);

/* Listens on all addresses of this host (IPv6 and IPv4), on a port that the kernel chooses. */
struct rf_listener *rf_listener_create(struct event_base *base, const struct rf_secret *secret,
				       rf_accepted *accepted, void *data, struct rf_error *err);

/* Its addresses, as rf_connect() takes them. Valid as long as the listener. */
const char *rf_listener_addresses(const struct rf_listener *listener);

/* How many connections were dropped without proof so far. */
unsigned long rf_listener_dropped(const struct rf_listener *listener);

/* Stops listening and drops who is unproven. Channels handed out live on. NULL is allowed. */
void rf_listener_destroy(struct rf_listener *listener);

/*
 * Called once: with the proven channel, or with NULL and why no address worked. The channel is the
 * caller's: rf_channel_handle() it here. The connector is gone when this returns.
 */
typedef void rf_connected(struct rf_channel *channel, const struct rf_error *why, void *data);

/*
 * Tries all `addresses`, each RF_CONNECT_NEXT_MS after the one before or as soon as that one fails,
 * and again from the start, until one has a holder of the secret behind it or `deadline_ms` is
 * over.
 */
struct rf_connector *rf_connect(struct event_base *base, const char *addresses,
				const struct rf_secret *secret, int deadline_ms,
				rf_connected *connected, void *data, struct rf_error *err);

/* Gives up; `connected` is not called. Only before it was called. NULL is allowed. */
void rf_connector_destroy(struct rf_connector *connector);

#endif
