/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/clock.h"
#include "wire/channel.h"
#include "wire/message.h"

static struct event_base *base;
static struct rf_secret secret;

/* One end, and what it saw. */
struct end {
	struct rf_channel *channel;
	int ready, messages, closed;
	size_t last_size;
	struct rf_error why;
	bool destroy_on_ready, destroy_on_message, finish_on_message, in_order;
};

static void on_ready(struct rf_channel *channel, void *data)
{
	struct end *e = data;

	e->ready++;
	if (e->destroy_on_ready) {
		rf_channel_destroy(channel);
		e->channel = NULL;
	}
}

static void on_message(struct rf_channel *channel, json_t *message, void *data)
{
	struct end *e = data;
	const char *text;
	int code;

	CU_ASSERT_EQUAL(
		rf_message_unpack(message, NULL, "{s:i, s:s}", "code", &code, "text", &text), 0);
	e->in_order = (e->messages == 0 || e->in_order) && code == e->messages;
	e->messages++;
	e->last_size = strlen(text);
	if (e->destroy_on_message) {
		rf_channel_destroy(channel);
		e->channel = NULL;
	}
	if (e->finish_on_message)
		rf_channel_finish(channel);
}

static void on_closed(struct rf_channel *channel, const struct rf_error *why, void *data)
{
	struct end *e = data;

	CU_ASSERT_PTR_EQUAL(channel, e->channel);
	e->closed++;
	e->channel = NULL;
	memset(&e->why, 0, sizeof(e->why));
	if (why)
		e->why = *why;
}

static const struct rf_channel_ops ops = {on_ready, on_message, on_closed};

static void run(int ms)
{
	int64_t deadline = rf_clock_ms() + ms;

	do {
		event_base_loop(base, EVLOOP_NONBLOCK);
		poll(NULL, 0, 1);
	} while (rf_clock_left(deadline) > 0);
}

static bool until(const int *count, int goal)
{
	int64_t deadline = rf_clock_ms() + 5000;

	while (*count < goal && rf_clock_left(deadline) > 0) {
		event_base_loop(base, EVLOOP_NONBLOCK);
		if (*count < goal)
			poll(NULL, 0, 1);
	}
	return *count >= goal;
}

static void open_end(struct end *e, int fd, enum rf_auth_role role)
{
	struct rf_error err = {0};

	memset(e, 0, sizeof(*e));
	e->channel = rf_channel_create(base, fd, role, &secret, &ops, e, &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(e->channel);
}

/* Two ends, not yet proven; fds[1] may be -1: that end is the test's own. */
static void open_pair(struct end *a, struct end *b)
{
	int fds[2];

	if (!base)
		base = event_base_new();
	CU_ASSERT_EQUAL_FATAL(rf_secret_create(&secret, NULL), 0);
	CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	open_end(a, fds[0], RF_AUTH_INITIATOR);
	open_end(b, fds[1], RF_AUTH_RESPONDER);
}

static void close_pair(struct end *a, struct end *b)
{
	rf_channel_destroy(a->channel);
	rf_channel_destroy(b->channel);
	CU_ASSERT_EQUAL(event_base_get_num_events(base, EVENT_BASE_COUNT_ADDED), 0);
}

static int say(struct end *e, int code, size_t size, struct rf_error *err)
{
	char *text = calloc(1, size + 1);
	json_t *message;
	int rc;

	memset(text, 'x', size);
	message = rf_message_create(NULL, "failed", "{s:i, s:s}", "code", code, "text", text);
	rc = rf_channel_send(e->channel, message, err);
	json_decref(message);
	free(text);
	return rc;
}

static void test_null(void)
{
	struct event_base *loop = event_base_new();
	struct rf_error err;
	int fd;

	CU_ASSERT_PTR_NULL(
		rf_channel_create(loop, -1, RF_AUTH_INITIATOR, &secret, &ops, NULL, &err));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CU_ASSERT_PTR_NULL(
		rf_channel_create(loop, fd, RF_AUTH_INITIATOR, &secret, &ops, NULL, &err));
	CU_ASSERT_EQUAL(err.code, ENOTCONN);
	CU_ASSERT_EQUAL(fcntl(fd, F_GETFD), -1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CU_ASSERT_PTR_NULL(rf_channel_create(loop, fd, RF_AUTH_INITIATOR, NULL, &ops, NULL, &err));
	CU_ASSERT_EQUAL(fcntl(fd, F_GETFD), -1);
	rf_channel_destroy(NULL);
	event_base_free(loop);
}

static void test_talk(void)
{
	struct rf_error err;
	struct end a, b;
	int i;

	open_pair(&a, &b);
	CU_ASSERT_STRING_EQUAL(rf_channel_peer(a.channel), "unix");
	CU_ASSERT_EQUAL(say(&a, 0, 1, &err), -1);
	CU_ASSERT_EQUAL(err.code, EAGAIN);
	CU_ASSERT(until(&a.ready, 1) && until(&b.ready, 1));
	for (i = 0; i < 500; i++)
		CU_ASSERT_EQUAL(say(&a, i, i, &err), 0);
	for (i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(say(&b, i, RF_MESSAGE_TEXT, &err), 0);
	CU_ASSERT(until(&b.messages, 500) && until(&a.messages, 3));
	CU_ASSERT(a.in_order && b.in_order);
	CU_ASSERT_EQUAL(a.last_size, RF_MESSAGE_TEXT);
	CU_ASSERT_EQUAL(b.last_size, 499);
	rf_channel_finish(a.channel);
	CU_ASSERT_EQUAL(say(&a, 0, 1, &err), -1);
	CU_ASSERT(until(&a.closed, 1) && until(&b.closed, 1));
	CU_ASSERT_EQUAL(a.why.text[0], '\0');
	CU_ASSERT_EQUAL(b.why.text[0], '\0');
	close_pair(&a, &b);
}

static void test_last_words(void)
{
	struct end a, b;
	int i;

	/* all that was queued before finish arrives, however much it is */
	open_pair(&a, &b);
	CU_ASSERT(until(&a.ready, 1));
	for (i = 0; i < 100; i++)
		CU_ASSERT_EQUAL(say(&a, i, 60000, NULL), 0);
	rf_channel_finish(a.channel);
	rf_channel_finish(a.channel);
	CU_ASSERT(until(&b.closed, 1) && until(&a.closed, 1));
	CU_ASSERT_EQUAL(b.messages, 100);
	CU_ASSERT_EQUAL(b.why.text[0], '\0');
	close_pair(&a, &b);
}

/* Who has finished is gone for the other side when its last descriptor is, and not before. */
static void test_held(void)
{
	struct end a, b;
	int fd;

	open_pair(&a, &b);
	CU_ASSERT(until(&a.ready, 1) && until(&b.ready, 1));
	fd = rf_channel_hold(a.channel, NULL);
	CU_ASSERT_FATAL(fd >= 0);
	rf_channel_finish(a.channel);
	CU_ASSERT(until(&a.closed, 1));
	CU_ASSERT_EQUAL(a.why.text[0], '\0');
	run(20);
	CU_ASSERT_EQUAL(b.closed, 0);
	CU_ASSERT_EQUAL(say(&b, 0, 1, NULL), -1);
	close(fd);
	CU_ASSERT(until(&b.closed, 1));
	CU_ASSERT_EQUAL(b.why.text[0], '\0');
	close_pair(&a, &b);

	/* for ever */
	open_pair(&a, &b);
	CU_ASSERT(until(&a.ready, 1) && until(&b.ready, 1));
	fd = rf_channel_hold(a.channel, NULL);
	rf_channel_finish(a.channel);
	CU_ASSERT(until(&a.closed, 1) && until(&b.closed, 1));
	CU_ASSERT_EQUAL(b.why.code, ETIMEDOUT);
	close(fd);
	close_pair(&a, &b);
}

static void test_destroyed_inside(void)
{
	struct end a, b;

	open_pair(&a, &b);
	b.destroy_on_ready = true;
	CU_ASSERT(until(&a.closed, 1));
	CU_ASSERT_EQUAL(b.closed, 0);
	close_pair(&a, &b);

	open_pair(&a, &b);
	b.destroy_on_message = true;
	CU_ASSERT(until(&a.ready, 1));
	say(&a, 0, 1, NULL);
	say(&a, 1, 1, NULL);
	CU_ASSERT(until(&a.closed, 1));
	CU_ASSERT_EQUAL(b.messages, 1);
	CU_ASSERT_EQUAL(b.closed, 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(a.why.text, "connection with unix"));
	close_pair(&a, &b);

	open_pair(&a, &b);
	b.finish_on_message = true;
	CU_ASSERT(until(&a.ready, 1));
	say(&a, 0, 1, NULL);
	say(&a, 1, 1, NULL);
	CU_ASSERT(until(&a.closed, 1) && until(&b.closed, 1));
	CU_ASSERT_EQUAL(b.messages, 1);
	close_pair(&a, &b);
}

static void test_bounded(void)
{
	struct rf_error err = {0};
	struct end a, b;
	int i, rc = 0;

	/* nobody reads at b: no loop runs */
	open_pair(&a, &b);
	CU_ASSERT(until(&a.ready, 1) && until(&b.ready, 1));
	for (i = 0; i < 2000 && rc == 0; i++)
		rc = say(&a, i, RF_MESSAGE_TEXT, &err);
	CU_ASSERT_EQUAL(rc, -1);
	CU_ASSERT_EQUAL(err.code, ENOBUFS);
	CU_ASSERT((size_t)i * RF_MESSAGE_TEXT <= RF_CHANNEL_QUEUE_MAX + 2 * RF_MESSAGE_TEXT);
	/* the refused message is lost to the caller alone: the stream is whole */
	CU_ASSERT(until(&b.messages, i - 1));
	CU_ASSERT(b.in_order);
	CU_ASSERT_EQUAL(say(&a, i - 1, 1, &err), 0);
	CU_ASSERT(until(&b.messages, i));
	close_pair(&a, &b);
}

/* A peer of the test's own, holding the secret, that says what the test wants. */
struct rogue {
	int fd;
	struct rf_auth *auth;
};

static void open_rogue(struct rogue *r, struct end *e)
{
	unsigned char piece[RF_AUTH_PIECE];
	int fds[2], turn;
	size_t size;

	if (!base)
		base = event_base_new();
	CU_ASSERT_EQUAL_FATAL(rf_secret_create(&secret, NULL), 0);
	CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	open_end(e, fds[0], RF_AUTH_RESPONDER);
	r->fd = fds[1];
	r->auth = rf_auth_create(RF_AUTH_INITIATOR, &secret, NULL);
	for (turn = 0; turn < 1000 && !rf_auth_done(r->auth); turn++) {
		size = rf_auth_send(r->auth, piece);
		if (size)
			send(r->fd, piece, size, MSG_NOSIGNAL);
		event_base_loop(base, EVLOOP_NONBLOCK);
		size = rf_auth_wants(r->auth);
		if (size && recv(r->fd, piece, size, MSG_DONTWAIT) == (ssize_t)size)
			CU_ASSERT_EQUAL(rf_auth_receive(r->auth, piece, NULL), 0);
	}
	CU_ASSERT(rf_auth_done(r->auth));
	CU_ASSERT(until(&e->ready, 1));
}

static void close_rogue(struct rogue *r, struct end *e)
{
	rf_channel_destroy(e->channel);
	rf_auth_destroy(r->auth);
	close(r->fd);
}

static size_t seal(struct rogue *r, const char *text, unsigned char *frame)
{
	size_t size = strlen(text) + RF_AUTH_SEAL;

	frame[0] = size >> 24;
	frame[1] = size >> 16;
	frame[2] = size >> 8;
	frame[3] = size;
	CU_ASSERT_EQUAL(rf_auth_seal(r->auth, text, strlen(text), false, frame + 4, NULL), 0);
	return size + 4;
}

static void test_rogue_frames(void)
{
	static const struct {
		unsigned char length[4];
		const char *why;
	} lengths[] = {
		{{0, 0, 0, 0}, "a frame of 0 bytes"},
		{{0, 0, 0, RF_AUTH_SEAL - 1}, "a frame of 16 bytes"},
		{{0, 64, 0, RF_AUTH_SEAL + 1}, "a frame of 4194322 bytes"},
		{{255, 255, 255, 255}, "a frame of 4294967295 bytes"},
	};
	unsigned char frame[4096];
	struct rogue r;
	struct end e;
	size_t i, size;

	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		open_rogue(&r, &e);
		send(r.fd, lengths[i].length, 4, MSG_NOSIGNAL);
		CU_ASSERT(until(&e.closed, 1));
		CU_ASSERT_PTR_NOT_NULL(strstr(e.why.text, lengths[i].why));
		close_rogue(&r, &e);
	}
	open_rogue(&r, &e);
	size = seal(&r, "{\"kind\":\"failed\",\"code\":0,\"text\":\"\"}", frame);
	for (i = 0; i < size; i++) { /* byte by byte is as good as at once */
		send(r.fd, frame + i, 1, MSG_NOSIGNAL);
		event_base_loop(base, EVLOOP_NONBLOCK);
	}
	CU_ASSERT(until(&e.messages, 1));
	send(r.fd, frame, size, MSG_NOSIGNAL); /* and the same once more is not */
	CU_ASSERT(until(&e.closed, 1));
	CU_ASSERT_EQUAL(e.messages, 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.why.text, "changed, repeated or lost"));
	close_rogue(&r, &e);
	open_rogue(&r, &e);
	size = seal(&r, "{\"kind\":\"nonsense\"}", frame);
	send(r.fd, frame, size, MSG_NOSIGNAL);
	CU_ASSERT(until(&e.closed, 1));
	CU_ASSERT_PTR_NOT_NULL(strstr(e.why.text, "unknown kind \"nonsense\""));
	close_rogue(&r, &e);
}

static void test_cut(void)
{
	unsigned char frame[4096];
	struct rogue r;
	struct end e;
	size_t size;

	/* an end without the final frame is a failure, also between two frames */
	open_rogue(&r, &e);
	size = seal(&r, "{\"kind\":\"failed\",\"code\":0,\"text\":\"\"}", frame);
	send(r.fd, frame, size, MSG_NOSIGNAL);
	shutdown(r.fd, SHUT_RDWR);
	CU_ASSERT(until(&e.closed, 1));
	CU_ASSERT_EQUAL(e.messages, 1);
	CU_ASSERT_EQUAL(e.why.code, ECONNRESET);
	close_rogue(&r, &e);
	open_rogue(&r, &e);
	send(r.fd, frame, 20, MSG_NOSIGNAL);
	run(5);
	shutdown(r.fd, SHUT_RDWR);
	CU_ASSERT(until(&e.closed, 1));
	CU_ASSERT_EQUAL(e.messages, 0);
	close_rogue(&r, &e);
}

static void test_deaf(void)
{
	struct rogue r;
	struct end e;
	int64_t start;
	int i;

	/* the peer never reads: finish ends by its own deadline */
	open_rogue(&r, &e);
	for (i = 0; i < 50; i++)
		CU_ASSERT_EQUAL(say(&e, i, 60000, NULL), 0);
	start = rf_clock_ms();
	rf_channel_finish(e.channel);
	CU_ASSERT(until(&e.closed, 1));
	CU_ASSERT_EQUAL(e.why.code, ETIMEDOUT);
	CU_ASSERT(rf_clock_ms() - start < RF_CHANNEL_FINISH_MS + 1000);
	close_rogue(&r, &e);
}

static void test_silent(void)
{
	struct end e;
	int fds[2];
	int64_t start = rf_clock_ms();

	CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	open_end(&e, fds[0], RF_AUTH_RESPONDER);
	run(RF_CHANNEL_HANDSHAKE_MS - 500);
	CU_ASSERT_EQUAL(e.closed, 0);
	CU_ASSERT(until(&e.closed, 1));
	CU_ASSERT_EQUAL(e.why.code, ETIMEDOUT);
	CU_ASSERT(rf_clock_ms() - start < RF_CHANNEL_HANDSHAKE_MS + 1000);
	close(fds[1]);
}

/* Said in a callback, answered there, and from then on both have the bare socket. */
static void detach_on_message(struct rf_channel *channel, json_t *message, void *data)
{
	struct end *e = data;
	struct rf_error err;

	on_message(channel, message, data);
	if (e->in_order)
		CU_ASSERT_EQUAL(say(e, 0, 3, &err), 0);
	e->closed = rf_channel_detach(channel, &err);
	CU_ASSERT(e->closed >= 0);
	e->channel = NULL;
}

static void test_detached(void)
{
	static const struct rf_channel_ops bare = {on_ready, detach_on_message, on_closed};
	struct end a, b;
	struct rf_error err;
	char text[4] = "";
	int a_fd, b_fd;

	open_pair(&a, &b);
	CU_ASSERT_EQUAL(rf_channel_detach(a.channel, &err), -1); /* not proven yet */
	CU_ASSERT(until(&a.ready, 1) && until(&b.ready, 1));
	rf_channel_handle(b.channel, &bare, &b);
	CU_ASSERT_EQUAL(say(&a, 0, 5, &err), 0);
	CU_ASSERT(until(&b.messages, 1));
	CU_ASSERT(until(&a.messages, 1)); /* what was queued has been sent */
	a_fd = rf_channel_detach(a.channel, &err);
	a.channel = NULL;
	b_fd = b.closed;
	CU_ASSERT_FATAL(a_fd >= 0 && b_fd >= 0);
	CU_ASSERT_EQUAL(fcntl(b_fd, F_GETFL) & O_NONBLOCK, 0);
	CU_ASSERT_EQUAL(write(a_fd, "abc", 3), 3);
	CU_ASSERT_EQUAL(read(b_fd, text, sizeof(text)), 3);
	CU_ASSERT_STRING_EQUAL(text, "abc");
	close(a_fd);
	close(b_fd);
	close_pair(&a, &b);

	open_pair(&a, &b);
	CU_ASSERT(until(&a.ready, 1) && until(&b.ready, 1));
	rf_channel_finish(a.channel);
	CU_ASSERT_EQUAL(rf_channel_detach(a.channel, &err), -1);
	CU_ASSERT(until(&a.closed, 1));
	rf_channel_destroy(b.channel);
}

static const struct unit_test tests[] = {
	{"NULL, and what is no connection", test_null},
	{"messages go both ways, in order, once both ends are proven", test_talk},
	{"finish sends what is queued first", test_last_words},
	{"a side that has finished is gone when it has closed the connection", test_held},
	{"a channel may be destroyed or finished in its callbacks", test_destroyed_inside},
	{"a peer that does not read costs a bounded queue", test_bounded},
	{"wrong frames end the connection, even from a holder of the secret", test_rogue_frames},
	{"a connection that breaks off is told from one that ends", test_cut},
	{"the last words have a deadline", test_deaf},
	{"a connection outlives its channel when both say so", test_detached},
	{"the handshake has a deadline", test_silent},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("channel", tests);
}
