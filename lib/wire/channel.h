/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A channel: an authenticated, ordered stream of messages over one connected socket, in a libevent
 * loop. No call blocks. One thread: the one that runs the loop.
 *
 * Until the peer has proven that it holds the secret, at most RF_AUTH_PIECE of its bytes are kept
 * and none is interpreted. A silent or failing peer is dropped at the handshake's deadline.
 */
#ifndef RF_WIRE_CHANNEL_H
#define RF_WIRE_CHANNEL_H

#include <event2/event.h>
#include <jansson.h>

#include "wire/auth.h"

#define RF_CHANNEL_HANDSHAKE_MS 5000  /* for the peer's proof */
#define RF_CHANNEL_FINISH_MS	2000  /* for the rest of the queue, after rf_channel_finish() */
#define RF_CHANNEL_SILENCE_MS	10000 /* a TCP peer whose host does not answer is lost after this */
#define RF_CHANNEL_QUEUE_MAX	(64 << 20) /* bytes waiting to be sent */

struct rf_channel;

/* Called from the loop. Every callback may call any function here, rf_channel_destroy() included.
 */
struct rf_channel_ops {
	/* The peer is proven; from now on messages can be sent and will arrive. May be NULL. */
	void (*ready)(struct rf_channel *channel, void *data);
	/* A checked message. It is the channel's: json_incref() to keep it. */
	void (*message)(struct rf_channel *channel, json_t *message, void *data);
	/*
	 * The last call for this channel, which is destroyed when it returns: the connection is
	 * over. `why` is NULL when one side finished in order, else what went wrong, naming the
	 * peer.
	 */
	void (*closed)(struct rf_channel *channel, const struct rf_error *why, void *data);
};

/*
 * Takes over the connected stream socket `fd` (TCP or Unix; closed even on failure), makes it
 * non-blocking and starts the handshake. Nothing is called back before the loop runs.
 */
struct rf_channel *rf_channel_create(struct event_base *base, int fd, enum rf_auth_role role,
				     const struct rf_secret *secret,
				     const struct rf_channel_ops *ops, void *data,
				     struct rf_error *err);

/* Replaces callbacks and data, as when a listener hands a channel over. `ops` must stay valid. */
void rf_channel_handle(struct rf_channel *channel, const struct rf_channel_ops *ops, void *data);

/*
 * Queues a message (made by rf_message_create(); not consumed). -1 when the peer is not proven yet,
 * after either side's rf_channel_finish(), and when RF_CHANNEL_QUEUE_MAX would be passed: the peer
 * does not read.
 */
int rf_channel_send(struct rf_channel *channel, const json_t *message, struct rf_error *err);

/*
 * No more messages: sends what is queued, tells the peer, and when that knows, `closed` is called
 * with NULL. The peer's is called when it sees the connection closed here.
 */
void rf_channel_finish(struct rf_channel *channel);

/*
 * A descriptor that keeps the connection open when the channel is gone, for the caller to close: a
 * process that leaves it to its own end lets the peer wait for that. -1 and `err`.
 */
int rf_channel_hold(const struct rf_channel *channel, struct rf_error *err);

/* Closes at once and frees; `closed` is not called. NULL is allowed. */
void rf_channel_destroy(struct rf_channel *channel);

/*
 * The end of the channel, but not of its connection: sends what is queued and returns the socket,
 * blocking, for bytes that are sealed no more. Both sides have agreed on it, and the peer has sent
 * nothing since. The channel is freed; `closed` is not called. -1: it is as it was.
 */
int rf_channel_detach(struct rf_channel *channel, struct rf_error *err);

/* The peer's address, for messages to people: "10.1.0.2:4711" or "unix". */
const char *rf_channel_peer(const struct rf_channel *channel);

/* How long a TCP peer's host may not answer, in ms, instead of RF_CHANNEL_SILENCE_MS. At least
 * 1000. */
int rf_channel_set_silence(struct rf_channel *channel, int ms, struct rf_error *err);

#endif
