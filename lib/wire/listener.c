/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "wire/listener.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

#include "wire/address.h"

#define BACKLOG	     512
#define ACCEPT_BURST 32	 /* connections a turn of the loop, so that others get their turn */
#define PAUSE_MS     100 /* when the kernel has no fd or memory for a connection */

/* A connection whose peer is not proven. It is in the listener's list, the oldest first. */
struct pending {
	struct rf_listener *listener;
	struct rf_channel *channel;
	struct pending *prev, *next;
};

struct rf_listener {
	struct event_base *base;
	int fd;
	struct event *readable, *pause;
	struct rf_secret secret;
	rf_accepted *accepted;
	void *data;
	struct pending *pending;
	int npending;
	unsigned long dropped;
	char *addresses;
};

static void forget(struct pending *p)
{
	DL_DELETE(p->listener->pending, p);
	p->listener->npending--;
	free(p);
}

static void drop(struct pending *p)
{
	p->listener->dropped++;
	rf_channel_destroy(p->channel);
	forget(p);
}

static void on_proven(struct rf_channel *channel, void *data)
{
	static const struct rf_channel_ops nobody;
	struct pending *p = data;
	struct rf_listener *listener = p->listener;

	forget(p);
	rf_channel_handle(channel, &nobody, NULL);
	listener->accepted(channel, listener->data);
}

static void on_unproven(struct rf_channel *channel, const struct rf_error *why, void *data)
{
	struct pending *p = data;

	(void)channel;
	(void)why;
	p->listener->dropped++;
	forget(p);
}

static const struct rf_channel_ops pending_ops = {.ready = on_proven, .closed = on_unproven};

static void take(struct rf_listener *listener, int fd)
{
	struct pending *p = calloc(1, sizeof(*p));

	if (!p) {
		close(fd);
		return;
	}
	p->listener = listener;
	p->channel = rf_channel_create(listener->base, fd, RF_AUTH_RESPONDER, &listener->secret,
				       &pending_ops, p, NULL);
	if (!p->channel) { /* the peer was gone already */
		free(p);
		return;
	}
	DL_APPEND(listener->pending, p);
	listener->npending++;
}

static void on_connection(evutil_socket_t fd, short what, void *arg)
{
	struct timeval pause = {PAUSE_MS / 1000, PAUSE_MS % 1000 * 1000};
	struct rf_listener *listener = arg;
	int i, connection;

	(void)what;
	for (i = 0; i < ACCEPT_BURST; i++) {
		connection = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (connection >= 0) {
			/* a holder of the secret needs two round trips; who takes longer makes room
			 */
			if (listener->npending >= RF_LISTENER_PENDING)
				drop(listener->pending);
			take(listener, connection);
		} else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
			   errno == ENOMEM) {
			if (listener->pending) {
				drop(listener->pending);
				continue;
			}
			event_del(listener->readable); /* it would be readable all the time */
			event_add(listener->pause, &pause);
			return;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			return;
		} /* anything else is the failure of one connection: see accept(2) */
	}
}

static void on_pause_over(evutil_socket_t fd, short what, void *arg)
{
	struct rf_listener *listener = arg;

	(void)fd;
	(void)what;
	event_add(listener->readable, NULL);
}

/* One socket for both families where the kernel has IPv6, else IPv4 alone. */
static int open_socket(union rf_address *bound, struct rf_error *err)
{
	static const int families[] = {AF_INET6, AF_INET};
	socklen_t size;
	int fd = -1, off = 0;
	size_t i;

	for (i = 0; i < 2; i++) {
		memset(bound, 0, sizeof(*bound));
		bound->any.sa_family = families[i];
		fd = socket(families[i], SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (fd < 0)
			continue;
		size = sizeof(*bound);
		if ((families[i] == AF_INET ||
		     setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) == 0) &&
		    bind(fd, &bound->any, rf_address_size(bound)) == 0 &&
		    listen(fd, BACKLOG) == 0 && getsockname(fd, &bound->any, &size) == 0)
			return fd;
		rf_error_errno(err, "listening for the job's hosts");
		close(fd);
		fd = -1;
	}
	if (fd < 0)
		rf_error_errno(err, "listening for the job's hosts");
	return fd;
}

struct rf_listener *rf_listener_create(struct event_base *base, const struct rf_secret *secret,
				       rf_accepted *accepted, void *data, struct rf_error *err)
{
	struct rf_listener *listener;
	union rf_address bound;
	bool six;

	if (!base || !secret || !accepted) {
		rf_error_set(err, EINVAL, "a listener needs a loop, a secret and a callback");
		return NULL;
	}
	listener = calloc(1, sizeof(*listener));
	if (!listener) {
		rf_error_errno(err, "listening for the job's hosts");
		return NULL;
	}
	listener->base = base;
	listener->secret = *secret;
	listener->accepted = accepted;
	listener->data = data;
	listener->fd = open_socket(&bound, err);
	if (listener->fd < 0)
		goto fail;
	six = bound.any.sa_family == AF_INET6;
	listener->addresses =
		rf_address_own(ntohs(six ? bound.v6.sin6_port : bound.v4.sin_port), six, err);
	if (!listener->addresses)
		goto fail;
	listener->readable =
		event_new(base, listener->fd, EV_READ | EV_PERSIST, on_connection, listener);
	listener->pause = evtimer_new(base, on_pause_over, listener);
	if (!listener->readable || !listener->pause || event_add(listener->readable, NULL) < 0) {
		rf_error_set(err, ENOMEM, "listening for the job's hosts: no memory");
		goto fail;
	}
	return listener;
fail:
	rf_listener_destroy(listener);
	return NULL;
}

const char *rf_listener_addresses(const struct rf_listener *listener)
{
	return listener->addresses;
}

unsigned long rf_listener_dropped(const struct rf_listener *listener)
{
	return listener->dropped;
}

void rf_listener_destroy(struct rf_listener *listener)
{
	if (!listener)
		return;
	while (listener->pending)
		drop(listener->pending);
	if (listener->readable)
		event_free(listener->readable);
	if (listener->pause)
		event_free(listener->pause);
	if (listener->fd >= 0)
		close(listener->fd);
	free(listener->addresses);
	rf_secret_wipe(&listener->secret);
	free(listener);
}
