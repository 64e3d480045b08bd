/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "wire/channel.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wire/address.h"
#include "wire/message.h"

#define LENGTH	   4 /* bytes of a frame's length, big endian, before the sealed content */
#define READ_CHUNK 65536
#define FRAME_MIN  RF_AUTH_SEAL
#define FRAME_MAX  (RF_MESSAGE_MAX + RF_AUTH_SEAL)

struct rf_channel {
	int fd;
	struct event *readable, *writable, *deadline;
	struct evbuffer *in, *out;
	struct rf_auth *auth;
	const struct rf_channel_ops *ops;
	void *data;
	bool finishing; /* rf_channel_finish() was called: nothing more goes into `out` */
	bool finished;	/* and all of it was sent */
	bool peer_done; /* the peer's last frame has come */
	int in_use;	/* loop callbacks on the stack that will look at the channel again */
	bool dead;	/* to be freed by the outermost of them */
	char peer[RF_ADDRESS_TEXT];
};

static void free_channel(struct rf_channel *channel)
{
	struct event *events[] = {channel->readable, channel->writable, channel->deadline};
	size_t i;

	for (i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (events[i])
			event_free(events[i]);
	if (channel->in)
		evbuffer_free(channel->in);
	if (channel->out)
		evbuffer_free(channel->out);
	if (channel->fd >= 0)
		close(channel->fd);
	rf_auth_destroy(channel->auth);
	free(channel);
}

static void enter(struct rf_channel *channel)
{
	channel->in_use++;
}

static void leave(struct rf_channel *channel)
{
	if (--channel->in_use == 0 && channel->dead)
		free_channel(channel);
}

/* Takes the channel out of the loop at once; its memory stays as long as a callback may look at it.
 */
void rf_channel_destroy(struct rf_channel *channel)
{
	if (!channel || channel->dead)
		return;
	channel->dead = true;
	event_del(channel->readable);
	event_del(channel->writable);
	event_del(channel->deadline);
	close(channel->fd);
	channel->fd = -1;
	if (channel->in_use == 0)
		free_channel(channel);
}

/* The caller is between enter() and leave(), and looks at `dead` afterwards. */
static void close_channel(struct rf_channel *channel, const struct rf_error *why)
{
	const struct rf_channel_ops *ops = channel->ops;

	if (channel->dead)
		return;
	channel->ops = NULL;
	event_del(channel->readable);
	event_del(channel->writable);
	event_del(channel->deadline);
	if (ops && ops->closed)
		ops->closed(channel, why, channel->data);
	rf_channel_destroy(channel);
}

/* One side has said its last word, or more is not to be heard. */
static bool is_over(const struct rf_channel *channel)
{
	return channel->dead || channel->finishing || channel->peer_done;
}

static void fail_channel(struct rf_channel *channel, struct rf_error *why)
{
	rf_error_prefix(why, "connection with %s", channel->peer);
	close_channel(channel, why);
}

static void set_deadline(struct rf_channel *channel, int ms)
{
	struct timeval tv = {ms / 1000, ms % 1000 * 1000};

	event_add(channel->deadline, &tv);
}

/* Sends what is queued; what does not fit waits for the socket. send(), because of MSG_NOSIGNAL. */
static int flush(struct rf_channel *channel, struct rf_error *err)
{
	struct evbuffer_iovec pieces[16];
	struct msghdr header = {0};
	ssize_t sent;
	int n;

	while (evbuffer_get_length(channel->out) > 0) {
		n = evbuffer_peek(channel->out, -1, NULL, pieces, 16);
		header.msg_iov = (struct iovec *)pieces;
		header.msg_iovlen = n < 16 ? n : 16;
		sent = sendmsg(channel->fd, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			event_add(channel->writable, NULL);
			return 0;
		}
		if (sent < 0)
			return rf_error_errno(err, "lost while sending");
		evbuffer_drain(channel->out, sent);
	}
	event_del(channel->writable);
	if (channel->finishing && !channel->finished) {
		channel->finished = true;
		if (!rf_auth_done(channel->auth)) /* there was no last frame */
			shutdown(channel->fd, SHUT_WR);
	}
	return 0;
}

/*
 * The peer's last frame is here. It is to see that we know, and we wait until it has closed the
 * connection: a process that never does so itself is then known to have ended.
 */
static void take_leave(struct rf_channel *channel)
{
	event_del(channel->writable);
	evbuffer_drain(channel->out, evbuffer_get_length(channel->out));
	shutdown(channel->fd, SHUT_WR);
	set_deadline(channel, RF_CHANNEL_FINISH_MS);
}

static int send_handshake(struct rf_channel *channel, struct rf_error *err)
{
	unsigned char piece[RF_AUTH_PIECE];
	size_t size;

	while ((size = rf_auth_send(channel->auth, piece)) > 0)
		if (evbuffer_add(channel->out, piece, size) < 0)
			return rf_error_set(err, ENOMEM, "no memory to send");
	return flush(channel, err);
}

static int receive_handshake(struct rf_channel *channel, struct rf_error *err)
{
	unsigned char piece[RF_AUTH_PIECE];

	if (evbuffer_get_length(channel->in) < rf_auth_wants(channel->auth))
		return 0;
	evbuffer_remove(channel->in, piece, rf_auth_wants(channel->auth));
	if (rf_auth_receive(channel->auth, piece, err) < 0 || send_handshake(channel, err) < 0)
		return -1;
	if (!rf_auth_done(channel->auth))
		return 0;
	event_del(channel->deadline);
	if (channel->ops && channel->ops->ready)
		channel->ops->ready(channel, channel->data);
	return 0;
}

/* 1: a frame was taken; 0: the next one is not complete. The channel may be dead afterwards. */
static int receive_frame(struct rf_channel *channel, struct rf_error *err)
{
	unsigned char length[LENGTH], *sealed;
	json_t *message;
	uint32_t size;
	char *content;
	int rc;

	if (evbuffer_copyout(channel->in, length, LENGTH) < LENGTH)
		return 0;
	size = (uint32_t)length[0] << 24 | length[1] << 16 | length[2] << 8 | length[3];
	if (size < FRAME_MIN || size > FRAME_MAX)
		return rf_error_set(err, EBADMSG, "a frame of %u bytes, which none has", size);
	if (evbuffer_get_length(channel->in) < LENGTH + (size_t)size)
		return 0;
	evbuffer_drain(channel->in, LENGTH);
	sealed = evbuffer_pullup(channel->in, size);
	content = malloc(size);
	if (!sealed || !content) {
		free(content);
		return rf_error_set(err, ENOMEM, "no memory for a frame");
	}
	rc = rf_auth_open(channel->auth, sealed, size, content, &channel->peer_done, err);
	evbuffer_drain(channel->in, size);
	if (rc == 0 && !channel->peer_done) {
		message = rf_message_decode(content, size - RF_AUTH_SEAL, err);
		if (!message)
			rc = -1;
		else if (channel->ops && channel->ops->message && !channel->finishing)
			channel->ops->message(channel, message, channel->data);
		json_decref(message);
	}
	free(content);
	return rc < 0 ? -1 : 1;
}

static int receive(struct rf_channel *channel, struct rf_error *err)
{
	int rc = 1;

	while (rc > 0 && !channel->dead && !channel->peer_done) {
		if (rf_auth_done(channel->auth))
			rc = receive_frame(channel, err);
		else if (evbuffer_get_length(channel->in) >= rf_auth_wants(channel->auth))
			rc = receive_handshake(channel, err) < 0 ? -1 : 1;
		else
			rc = 0;
	}
	return rc < 0 ? -1 : 0;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct rf_channel *channel = arg;
	size_t room = READ_CHUNK;
	struct rf_error why;
	int n;

	(void)what;
	if (!rf_auth_done(channel->auth)) /* keep no more of a stranger than the next piece */
		room = rf_auth_wants(channel->auth) - evbuffer_get_length(channel->in);
	n = evbuffer_read(channel->in, fd, (int)room);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return;
	enter(channel);
	if (n < 0) {
		rf_error_errno(&why, "lost");
		fail_channel(channel, &why);
	} else if (n == 0) {
		rf_error_set(&why, ECONNRESET, "closed by the other side");
		if (channel->finished || channel->peer_done)
			close_channel(channel, NULL);
		else
			fail_channel(channel, &why);
	} else if (channel->peer_done) {
		evbuffer_drain(channel->in, evbuffer_get_length(channel->in));
	} else if (receive(channel, &why) < 0) {
		fail_channel(channel, &why);
	} else if (channel->peer_done && channel->finished) {
		close_channel(channel, NULL);
	} else if (channel->peer_done && !channel->dead) {
		take_leave(channel);
	}
	leave(channel);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct rf_channel *channel = arg;
	struct rf_error why;

	(void)fd;
	(void)what;
	enter(channel);
	if (flush(channel, &why) < 0)
		fail_channel(channel, &why);
	leave(channel);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct rf_channel *channel = arg;
	struct rf_error why;

	(void)fd;
	(void)what;
	enter(channel);
	if (channel->peer_done)
		rf_error_set(&why, ETIMEDOUT, "not closed by the other side within %d ms",
			     RF_CHANNEL_FINISH_MS);
	else if (channel->finishing)
		rf_error_set(&why, ETIMEDOUT, "the last messages were not taken within %d ms",
			     RF_CHANNEL_FINISH_MS);
	else
		rf_error_set(&why, ETIMEDOUT, "the other side did not prove itself within %d ms",
			     RF_CHANNEL_HANDSHAKE_MS);
	fail_channel(channel, &why);
	leave(channel);
}

/* Small messages must go at once, and a host that is gone must be noticed. Other sockets: nothing.
 */
static int tune(struct rf_channel *channel, int silence_ms, struct rf_error *err)
{
	int on = 1, probes = 3, interval = silence_ms / 1000 / (probes + 1);
	socklen_t size = sizeof(on);
	int domain;

	if (getsockopt(channel->fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) < 0)
		return rf_error_errno(err, "connection with %s", channel->peer);
	if (domain != AF_INET && domain != AF_INET6)
		return 0;
	if (interval < 1)
		interval = 1;
	if (setsockopt(channel->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) < 0 ||
	    setsockopt(channel->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on)) < 0 ||
	    setsockopt(channel->fd, IPPROTO_TCP, TCP_KEEPIDLE, &interval, sizeof(interval)) < 0 ||
	    setsockopt(channel->fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval)) < 0 ||
	    setsockopt(channel->fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes)) < 0 ||
	    setsockopt(channel->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &silence_ms,
		       sizeof(silence_ms)) < 0)
		return rf_error_errno(err, "connection with %s: socket options", channel->peer);
	return 0;
}

struct rf_channel *rf_channel_create(struct event_base *base, int fd, enum rf_auth_role role,
				     const struct rf_secret *secret,
				     const struct rf_channel_ops *ops, void *data,
				     struct rf_error *err)
{
	union rf_address peer = {0};
	socklen_t size = sizeof(peer);
	struct rf_channel *channel;

	if (fd < 0 || !base) {
		rf_error_set(err, EINVAL, "no connection to make a channel of");
		return NULL;
	}
	channel = calloc(1, sizeof(*channel));
	if (!channel) {
		close(fd);
		rf_error_errno(err, "connection");
		return NULL;
	}
	channel->fd = fd;
	channel->ops = ops;
	channel->data = data;
	if (getpeername(fd, &peer.any, &size) < 0) {
		rf_error_errno(err, "connection");
		goto fail;
	}
	rf_address_format(&peer, channel->peer);
	channel->auth = rf_auth_create(role, secret, err);
	if (!channel->auth)
		goto fail;
	if (evutil_make_socket_nonblocking(fd) < 0 || evutil_make_socket_closeonexec(fd) < 0) {
		rf_error_errno(err, "connection with %s", channel->peer);
		goto fail;
	}
	if (tune(channel, RF_CHANNEL_SILENCE_MS, err) < 0)
		goto fail;
	channel->in = evbuffer_new();
	channel->out = evbuffer_new();
	channel->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, channel);
	channel->writable = event_new(base, fd, EV_WRITE | EV_PERSIST, on_writable, channel);
	channel->deadline = evtimer_new(base, on_deadline, channel);
	if (!channel->in || !channel->out || !channel->readable || !channel->writable ||
	    !channel->deadline || event_add(channel->readable, NULL) < 0) {
		rf_error_set(err, ENOMEM, "connection with %s: no memory", channel->peer);
		goto fail;
	}
	set_deadline(channel, RF_CHANNEL_HANDSHAKE_MS);
	if (send_handshake(channel, err) < 0) {
		rf_error_prefix(err, "connection with %s", channel->peer);
		goto fail;
	}
	return channel;
fail:
	free_channel(channel);
	return NULL;
}

void rf_channel_handle(struct rf_channel *channel, const struct rf_channel_ops *ops, void *data)
{
	channel->ops = ops;
	channel->data = data;
}

/* Seals `size` bytes straight into the queue. */
static int queue_frame(struct rf_channel *channel, const void *content, size_t size, bool final,
		       struct rf_error *err)
{
	size_t frame = size + RF_AUTH_SEAL;
	struct evbuffer_iovec space;
	unsigned char *out;

	if (evbuffer_reserve_space(channel->out, (ssize_t)(LENGTH + frame), &space, 1) != 1)
		return rf_error_set(err, ENOMEM, "connection with %s: no memory", channel->peer);
	out = space.iov_base;
	out[0] = frame >> 24;
	out[1] = frame >> 16 & 0xff;
	out[2] = frame >> 8 & 0xff;
	out[3] = frame & 0xff;
	if (rf_auth_seal(channel->auth, content, size, final, out + LENGTH, err) < 0)
		return rf_error_prefix(err, "connection with %s", channel->peer);
	space.iov_len = LENGTH + frame;
	evbuffer_commit_space(channel->out, &space, 1);
	/* the loop sends, so that a failure is told by `closed` and never in the middle of a call
	 */
	event_add(channel->writable, NULL);
	return 0;
}

int rf_channel_send(struct rf_channel *channel, const json_t *message, struct rf_error *err)
{
	size_t size;
	char *bytes;
	int rc;

	if (is_over(channel) || !channel->ops)
		return rf_error_set(err, EPIPE, "connection with %s: it is closed", channel->peer);
	if (!rf_auth_done(channel->auth))
		return rf_error_set(err, EAGAIN, "connection with %s: it is not proven yet",
				    channel->peer);
	if (rf_message_encode(message, &bytes, &size, err) < 0)
		return -1;
	if (evbuffer_get_length(channel->out) + size > RF_CHANNEL_QUEUE_MAX)
		rc = rf_error_set(err, ENOBUFS,
				  "connection with %s: the other side has not taken %zu bytes",
				  channel->peer, evbuffer_get_length(channel->out));
	else
		rc = queue_frame(channel, bytes, size, false, err);
	free(bytes);
	return rc;
}

void rf_channel_finish(struct rf_channel *channel)
{
	if (is_over(channel))
		return;
	if (rf_auth_done(channel->auth))
		queue_frame(channel, "", 0, true, NULL);
	channel->finishing = true;
	event_add(channel->writable, NULL);
	set_deadline(channel, RF_CHANNEL_FINISH_MS);
}

int rf_channel_hold(const struct rf_channel *channel, struct rf_error *err)
{
	int fd = fcntl(channel->fd, F_DUPFD_CLOEXEC, 0);

	return fd < 0 ? rf_error_errno(err, "connection with %s", channel->peer) : fd;
}

int rf_channel_detach(struct rf_channel *channel, struct rf_error *err)
{
	int fd = channel->fd, flags;

	if (is_over(channel) || !rf_auth_done(channel->auth))
		return rf_error_set(err, EPIPE, "connection with %s: it is closed", channel->peer);
	if (flush(channel, err) < 0)
		return rf_error_prefix(err, "connection with %s", channel->peer);
	if (evbuffer_get_length(channel->out) > 0 || evbuffer_get_length(channel->in) > 0)
		return rf_error_set(err, EPROTO, "connection with %s: it is not at rest",
				    channel->peer);
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0)
		return rf_error_errno(err, "connection with %s", channel->peer);
	event_del(channel->readable);
	event_del(channel->writable);
	event_del(channel->deadline);
	channel->fd = -1;
	channel->dead = true;
	if (channel->in_use == 0)
		free_channel(channel);
	return fd;
}

const char *rf_channel_peer(const struct rf_channel *channel)
{
	return channel->peer;
}

int rf_channel_set_silence(struct rf_channel *channel, int ms, struct rf_error *err)
{
	if (ms < 1000)
		return rf_error_set(err, EINVAL,
				    "a silence of %d ms can not be told from a busy host", ms);
	return tune(channel, ms, err);
}
