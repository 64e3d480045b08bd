/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Commands to a running job, at the socket of jobs.h: a client of the same user sends one request
 * and gets answers until the connection is closed. Both are messages (wire/message.h), one a line.
 * The answers end with "failed", or with what the request's row in the table calls good.
 *
 * In a libevent loop, one thread.
 */
#ifndef RF_LAUNCHER_CONTROL_H
#define RF_LAUNCHER_CONTROL_H

#include <event2/event.h>
#include <jansson.h>
#include <stddef.h>

#include "util/error.h"

#define RF_CONTROL_LINE	   65536 /* bytes of a request */
#define RF_CONTROL_CLIENTS 64	 /* at a time; more are turned away */
#define RF_CONTROL_WAIT_MS 10000 /* for a request, from the connection on */

struct rf_control;
struct rf_client;

/* What is done about requests of a kind; the table ends with kind NULL. */
struct rf_control_verb {
	const char *kind;
	/* It ends with rf_client_end() or rf_client_fail(), now or later. */
	void (*begin)(struct rf_client *client, const json_t *request, void *data);
	/* The client does not want it any more, or is gone; the end is still to be called. May be
	 * NULL. */
	void (*withdrawn)(struct rf_client *client, void *data);
};

/* Takes over the listening socket. `verbs` must stay valid. */
struct rf_control *rf_control_create(struct event_base *base, int listening,
				     const struct rf_control_verb *verbs, void *data,
				     struct rf_error *err);

/* An answer; consumed. NULL is allowed, for one that could not be made. */
void rf_client_say(struct rf_client *client, json_t *message);

/* The last answer, consumed; the client is gone when this returns. */
void rf_client_end(struct rf_client *client, json_t *message);
void rf_client_fail(struct rf_client *client, const struct rf_error *why);

/* Bytes of answers that the client has not read yet, as far as known. */
size_t rf_client_unread(const struct rf_client *client);

/* Closes all; what was said in the last moment is sent if it can be without waiting. */
void rf_control_destroy(struct rf_control *control);

#endif
