/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "carrier.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utlist.h>

#include "wire/channel.h"
#include "wire/listener.h"
#include "wire/message.h"

/* First one of connector and channel, then the fd. */
struct load {
	struct rf_carrier *all;
	struct load *prev, *next;
	int rank, fd;
	json_t *image;
	struct rf_connector *connector;
	struct rf_channel *channel;
	struct event *deadline;
};

struct rf_carrier {
	struct event_base *base;
	const struct rf_secret *secret;
	rf_carried *carried;
	void *data;
	struct load *list;
};

static void drop(struct load *load)
{
	DL_DELETE(load->all->list, load);
	rf_connector_destroy(load->connector);
	rf_channel_destroy(load->channel);
	if (load->deadline)
		event_free(load->deadline);
	if (load->fd >= 0)
		close(load->fd);
	json_decref(load->image);
	free(load);
}

static void fail(struct load *load, const struct rf_error *why)
{
	struct rf_carrier *all = load->all;
	struct rf_error copy = *why;
	int rank = load->rank;

	drop(load);
	all->carried(rank, &copy, all->data);
}

/* A write that nothing comes of ends, too, so that a rank that stands still goes on. */
static int limit(int fd, struct rf_error *err)
{
	const struct timeval wait = {RF_CARRIER_SILENCE_MS / 1000, 0};

	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) < 0)
		return rf_error_errno(err, "the connection for an image");
	return 0;
}

/* The only message is "accepted", or why it is not. */
static void on_message(struct rf_channel *channel, json_t *message, void *data)
{
	struct load *load = data;
	struct rf_error err;
	const char *text;
	int code;

	if (strcmp(rf_message_kind(message), "accepted") != 0) {
		if (rf_message_unpack(message, &err, "{s:i, s:s}", "code", &code, "text", &text) ==
		    0)
			rf_error_set(&err, code, "%s", text);
		fail(load, &err);
		return;
	}
	if (rf_channel_set_silence(channel, RF_CARRIER_SILENCE_MS, &err) < 0 ||
	    (load->fd = rf_channel_detach(channel, &err)) < 0) {
		fail(load, &err);
		return;
	}
	load->channel = NULL;
	event_del(load->deadline);
	if (limit(load->fd, &err) < 0)
		fail(load, &err);
	else
		load->all->carried(load->rank, NULL, load->all->data);
}

static void on_closed(struct rf_channel *channel, const struct rf_error *why, void *data)
{
	static const struct rf_error closed = {ECONNRESET, "the other keeper has closed it"};
	struct load *load = data;

	(void)channel;
	load->channel = NULL;
	fail(load, why ? why : &closed);
}

static void on_connected(struct rf_channel *channel, const struct rf_error *why, void *data)
{
	static const struct rf_channel_ops ops = {.message = on_message, .closed = on_closed};
	const struct timeval wait = {RF_CARRIER_MS / 1000, 0};
	struct load *load = data;
	struct rf_error err;

	load->connector = NULL;
	if (!channel) {
		fail(load, why);
		return;
	}
	load->channel = channel;
	rf_channel_handle(channel, &ops, load);
	event_add(load->deadline, &wait);
	if (rf_channel_send(channel, load->image, &err) < 0)
		fail(load, &err);
}

static void on_deadline(evutil_socket_t fd, short what, void *data)
{
	struct rf_error err;

	(void)fd;
	(void)what;
	rf_error_set(&err, ETIMEDOUT, "the other keeper has not answered within %d ms",
		     RF_CARRIER_MS);
	fail(data, &err);
}

int rf_carrier_begin(struct rf_carrier *carrier, int rank, const char *addresses, json_t *image,
		     struct rf_error *err)
{
	struct load *load;

	DL_SEARCH_SCALAR(carrier->list, load, rank, rank);
	if (load)
		drop(load);
	load = calloc(1, sizeof(*load));
	if (!load || !image) {
		free(load);
		json_decref(image);
		return rf_error_set(err, ENOMEM, "no memory for a connection");
	}
	load->all = carrier;
	load->rank = rank;
	load->fd = -1;
	load->image = image;
	load->deadline = evtimer_new(carrier->base, on_deadline, load);
	DL_APPEND(carrier->list, load);
	if (load->deadline)
		load->connector = rf_connect(carrier->base, addresses, carrier->secret,
					     RF_CARRIER_MS, on_connected, load, err);
	else
		rf_error_set(err, ENOMEM, "no memory for a connection");
	if (load->connector)
		return 0;
	drop(load);
	return -1;
}

int rf_carrier_take(struct rf_carrier *carrier, int rank)
{
	struct load *load;
	int fd;

	DL_SEARCH_SCALAR(carrier->list, load, rank, rank);
	if (!load || load->fd < 0)
		return -1;
	fd = load->fd;
	load->fd = -1;
	drop(load);
	return fd;
}

void rf_carrier_drop(struct rf_carrier *carrier)
{
	while (carrier->list)
		drop(carrier->list);
}

struct rf_carrier *rf_carrier_create(struct event_base *base, const struct rf_secret *secret,
				     rf_carried *carried, void *data, struct rf_error *err)
{
	struct rf_carrier *carrier = calloc(1, sizeof(*carrier));

	if (!carrier) {
		rf_error_errno(err, "can not carry images");
		return NULL;
	}
	carrier->base = base;
	carrier->secret = secret;
	carrier->carried = carried;
	carrier->data = data;
	return carrier;
}

void rf_carrier_destroy(struct rf_carrier *carrier)
{
	if (!carrier)
		return;
	rf_carrier_drop(carrier);
	free(carrier);
}
