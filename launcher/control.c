/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "control.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utlist.h>

#include "wire/message.h"

struct rf_client {
	struct rf_control *control;
	struct rf_client *prev, *next;
	struct bufferevent *io;
	const struct rf_control_verb *verb; /* NULL: no request has come */
	bool withdrawn;
	bool done; /* only what is queued is still to be sent */
};

struct rf_control {
	struct event_base *base;
	const struct rf_control_verb *verbs;
	void *data;
	int listening;
	struct event *incoming;
	struct rf_client *clients;
	int count;
};

static void free_client(struct rf_client *client)
{
	DL_DELETE(client->control->clients, client);
	client->control->count--;
	bufferevent_free(client->io); /* closes the socket */
	free(client);
}

void rf_client_say(struct rf_client *client, json_t *message)
{
	char *bytes;
	size_t size;

	if (message && rf_message_encode(message, &bytes, &size, NULL) == 0) {
		bufferevent_write(client->io, bytes, size);
		bufferevent_write(client->io, "\n", 1);
		free(bytes);
	}
	json_decref(message);
}

size_t rf_client_unread(const struct rf_client *client)
{
	return evbuffer_get_length(bufferevent_get_output(client->io));
}

static void on_sent(struct bufferevent *io, void *data)
{
	struct rf_client *client = data;

	if (client->done && evbuffer_get_length(bufferevent_get_output(io)) == 0)
		free_client(client);
}

void rf_client_end(struct rf_client *client, json_t *message)
{
	const struct timeval wait = {RF_CONTROL_WAIT_MS / 1000, 0};

	rf_client_say(client, message);
	client->done = true;
	bufferevent_disable(client->io, EV_READ);
	bufferevent_set_timeouts(client->io, NULL, &wait);
	if (evbuffer_get_length(bufferevent_get_output(client->io)) == 0)
		free_client(client);
}

void rf_client_fail(struct rf_client *client, const struct rf_error *why)
{
	rf_client_end(client, rf_message_create(NULL, "failed", "{s:i, s:s}", "code", why->code,
						"text", why->text));
}

static void begin(struct rf_client *client, const json_t *request)
{
	const struct rf_control_verb *verb = client->control->verbs;
	struct rf_error err;

	while (verb->kind && strcmp(verb->kind, rf_message_kind(request)) != 0)
		verb++;
	if (verb->kind) {
		client->verb = verb;
		bufferevent_set_timeouts(client->io, NULL, NULL);
		verb->begin(client, request, client->control->data);
		return;
	}
	rf_error_set(&err, EINVAL, "a job can not do '%.64s'", rf_message_kind(request));
	rf_client_fail(client, &err);
}

static void on_line(struct bufferevent *io, void *data)
{
	struct evbuffer *in = bufferevent_get_input(io);
	struct rf_client *client = data;
	struct rf_error err;
	json_t *request;
	size_t size;
	char *line;

	if (client->done || client->verb) { /* one request a connection */
		evbuffer_drain(in, evbuffer_get_length(in));
		return;
	}
	line = evbuffer_readln(in, &size, EVBUFFER_EOL_LF);
	if (!line && evbuffer_get_length(in) < RF_CONTROL_LINE)
		return;
	if (!line)
		rf_error_set(&err, EMSGSIZE, "a request of more than %d bytes", RF_CONTROL_LINE);
	request = line ? rf_message_decode(line, size, &err) : NULL;
	free(line);
	if (request)
		begin(client, request);
	else
		rf_client_fail(client, &err);
	json_decref(request);
}

/* The client has closed, for writing or altogether, or waits too long. */
static void on_event(struct bufferevent *io, short what, void *data)
{
	struct rf_client *client = data;

	(void)io;
	(void)what;
	if (client->done || !client->verb) {
		free_client(client);
		return;
	}
	bufferevent_disable(client->io, EV_READ);
	if (!client->withdrawn && client->verb->withdrawn) {
		client->withdrawn = true;
		client->verb->withdrawn(client, client->control->data);
	}
}

static void on_connection(evutil_socket_t listening, short what, void *data)
{
	const struct timeval wait = {RF_CONTROL_WAIT_MS / 1000, 0};
	struct rf_control *control = data;
	struct rf_client *client;
	struct ucred peer;
	socklen_t size = sizeof(peer);
	int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)what;
	if (fd < 0)
		return;
	client = calloc(1, sizeof(*client));
	if (!client || control->count >= RF_CONTROL_CLIENTS ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 || peer.uid != geteuid() ||
	    !(client->io = bufferevent_socket_new(control->base, fd, BEV_OPT_CLOSE_ON_FREE))) {
		free(client);
		close(fd);
		return;
	}
	client->control = control;
	DL_APPEND(control->clients, client);
	control->count++;
	bufferevent_setcb(client->io, on_line, on_sent, on_event, client);
	bufferevent_setwatermark(client->io, EV_READ, 0, RF_CONTROL_LINE);
	bufferevent_set_timeouts(client->io, &wait, NULL);
	bufferevent_enable(client->io, EV_READ | EV_WRITE);
}

struct rf_control *rf_control_create(struct event_base *base, int listening,
				     const struct rf_control_verb *verbs, void *data,
				     struct rf_error *err)
{
	struct rf_control *control = calloc(1, sizeof(*control));

	if (control)
		control->incoming =
			event_new(base, listening, EV_READ | EV_PERSIST, on_connection, control);
	if (!control || !control->incoming || event_add(control->incoming, NULL) < 0) {
		if (control && control->incoming)
			event_free(control->incoming);
		free(control);
		close(listening);
		rf_error_set(err, ENOMEM, "the job can not take commands: no memory");
		return NULL;
	}
	control->base = base;
	control->verbs = verbs;
	control->data = data;
	control->listening = listening;
	return control;
}

void rf_control_destroy(struct rf_control *control)
{
	struct rf_client *client, *next;

	if (!control)
		return;
	DL_FOREACH_SAFE(control->clients, client, next)
	{
		struct evbuffer *out = bufferevent_get_output(client->io);

		/* a small answer to a client that reads: there is room for it */
		evbuffer_unfreeze(out, 1);
		evbuffer_write(out, bufferevent_getfd(client->io));
		free_client(client);
	}
	event_free(control->incoming);
	close(control->listening);
	free(control);
}
