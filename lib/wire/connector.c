/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "wire/listener.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wire/address.h"

#define AGAIN_MS 200 /* before all addresses are tried again */

/* One address being tried: first a connect() under way, then a channel that is not proven. */
struct attempt {
	struct rf_connector *connector;
	struct event *writable;
	int fd;
	struct rf_channel *channel;
};

struct rf_connector {
	struct event_base *base;
	struct event *next, *deadline;
	struct rf_secret secret;
	rf_connected *connected;
	void *data;
	union rf_address list[RF_ADDRESS_LIST];
	struct attempt attempts[RF_ADDRESS_LIST];
	int n, tried;	     /* addresses; those that this round has come to */
	struct rf_error why; /* the newest failure, for the final report */
};

static void cancel(struct attempt *a)
{
	if (a->writable)
		event_free(a->writable);
	if (a->fd >= 0)
		close(a->fd);
	rf_channel_destroy(a->channel);
	a->writable = NULL;
	a->fd = -1;
	a->channel = NULL;
}

static bool is_idle(const struct attempt *a)
{
	return !a->writable && !a->channel;
}

void rf_connector_destroy(struct rf_connector *connector)
{
	int i;

	if (!connector)
		return;
	for (i = 0; i < connector->n; i++)
		cancel(&connector->attempts[i]);
	if (connector->next)
		event_free(connector->next);
	if (connector->deadline)
		event_free(connector->deadline);
	rf_secret_wipe(&connector->secret);
	free(connector);
}

static void schedule(struct rf_connector *connector, int ms)
{
	struct timeval tv = {ms / 1000, ms % 1000 * 1000};

	event_add(connector->next, &tv);
}

static void failed(struct attempt *a, const struct rf_error *why)
{
	struct rf_connector *connector = a->connector;

	connector->why = *why;
	cancel(a);
	if (connector->tried < connector->n)
		schedule(connector, 0);
}

static void on_proven(struct rf_channel *channel, void *data)
{
	static const struct rf_channel_ops nobody;
	struct attempt *a = data;
	struct rf_connector *connector = a->connector;
	rf_connected *connected = connector->connected;
	void *user = connector->data;

	a->channel = NULL;
	rf_channel_handle(channel, &nobody, NULL);
	rf_connector_destroy(connector);
	connected(channel, NULL, user);
}

static void on_unproven(struct rf_channel *channel, const struct rf_error *why, void *data)
{
	struct attempt *a = data;

	(void)channel;
	a->channel = NULL; /* it is destroyed when this returns */
	failed(a, why);
}

static const struct rf_channel_ops attempt_ops = {.ready = on_proven, .closed = on_unproven};

static void connect_failed(struct attempt *a, int code)
{
	union rf_address *address = &a->connector->list[a - a->connector->attempts];
	char text[RF_ADDRESS_TEXT];
	struct rf_error why;

	rf_address_format(address, text);
	rf_error_set(&why, code, "connection with %s: %s", text, strerror(code));
	failed(a, &why);
}

static void on_connected(evutil_socket_t fd, short what, void *arg)
{
	socklen_t size = sizeof(int);
	struct attempt *a = arg;
	struct rf_error why;
	int code = 0;

	(void)what;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size) < 0)
		code = errno;
	if (code) {
		connect_failed(a, code);
		return;
	}
	event_free(a->writable);
	a->writable = NULL;
	a->fd = -1; /* the channel's from here on */
	a->channel = rf_channel_create(a->connector->base, fd, RF_AUTH_INITIATOR,
				       &a->connector->secret, &attempt_ops, a, &why);
	if (!a->channel)
		failed(a, &why);
}

static void try(struct attempt *a)
{
	union rf_address *address = &a->connector->list[a - a->connector->attempts];

	a->fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (a->fd < 0 ||
	    (connect(a->fd, &address->any, rf_address_size(address)) < 0 && errno != EINPROGRESS)) {
		connect_failed(a, errno);
		return;
	}
	a->writable = event_new(a->connector->base, a->fd, EV_WRITE, on_connected, a);
	if (!a->writable || event_add(a->writable, NULL) < 0)
		connect_failed(a, ENOMEM);
}

static void on_next(evutil_socket_t fd, short what, void *arg)
{
	struct rf_connector *connector = arg;
	struct attempt *a;

	(void)fd;
	(void)what;
	if (connector->tried == connector->n)
		connector->tried = 0;
	a = &connector->attempts[connector->tried++];
	schedule(connector, connector->tried < connector->n ? RF_CONNECT_NEXT_MS : AGAIN_MS);
	if (is_idle(a))
		try(a);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct rf_connector *connector = arg;
	rf_connected *connected = connector->connected;
	void *user = connector->data;
	struct rf_error why = connector->why;

	(void)fd;
	(void)what;
	rf_connector_destroy(connector);
	connected(NULL, &why, user);
}

struct rf_connector *rf_connect(struct event_base *base, const char *addresses,
				const struct rf_secret *secret, int deadline_ms,
				rf_connected *connected, void *data, struct rf_error *err)
{
	struct timeval tv = {deadline_ms / 1000, deadline_ms % 1000 * 1000};
	struct rf_connector *connector;
	int i;

	if (!base || !secret || !connected || deadline_ms <= 0) {
		rf_error_set(err, EINVAL,
			     "a connection needs a loop, a secret, a deadline and a callback");
		return NULL;
	}
	connector = calloc(1, sizeof(*connector));
	if (!connector) {
		rf_error_errno(err, "connection");
		return NULL;
	}
	connector->base = base;
	connector->secret = *secret;
	connector->connected = connected;
	connector->data = data;
	for (i = 0; i < RF_ADDRESS_LIST; i++)
		connector->attempts[i] = (struct attempt){.connector = connector, .fd = -1};
	rf_error_set(&connector->why, ETIMEDOUT, "connection with %.300s: no answer within %d ms",
		     addresses ? addresses : "", deadline_ms);
	i = rf_address_parse(addresses, connector->list, err);
	if (i < 0)
		goto fail;
	connector->n = i;
	connector->next = evtimer_new(base, on_next, connector);
	connector->deadline = evtimer_new(base, on_deadline, connector);
	if (!connector->next || !connector->deadline || event_add(connector->deadline, &tv) < 0) {
		rf_error_set(err, ENOMEM, "connection: no memory");
		goto fail;
	}
	schedule(connector, 0);
	return connector;
fail:
	rf_connector_destroy(connector);
	return NULL;
}
