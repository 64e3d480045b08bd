/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "unit.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "wire/address.h"
#include "wire/listener.h"
#include "wire/message.h"

/* Both ends of a job's connection in one loop, and what they saw. */
struct world {
	struct event_base *base;
	struct rf_secret secret, other;
	struct rf_listener *listener;
	struct rf_channel *server, *client;
	int accepted, connected, refused, messages, closed, orderly;
	struct rf_error why;
	bool echo;
};

static void on_closed(struct rf_channel *channel, const struct rf_error *why, void *data)
{
	struct world *w = data;

	w->closed++;
	if (why)
		w->why = *why;
	else
		w->orderly++;
	if (channel == w->server)
		w->server = NULL;
	if (channel == w->client)
		w->client = NULL;
}

static void on_message(struct rf_channel *channel, json_t *message, void *data)
{
	struct world *w = data;

	w->messages++;
	if (w->echo && channel == w->server)
		CU_ASSERT_EQUAL(rf_channel_send(channel, message, NULL), 0);
}

static const struct rf_channel_ops ops = {.message = on_message, .closed = on_closed};

static void on_accepted(struct rf_channel *channel, void *data)
{
	struct world *w = data;

	w->accepted++;
	if (w->server) {
		rf_channel_destroy(channel);
		return;
	}
	w->server = channel;
	rf_channel_handle(channel, &ops, w);
}

static void on_connected(struct rf_channel *channel, const struct rf_error *why, void *data)
{
	struct world *w = data;

	if (!channel) {
		w->refused++;
		w->why = *why;
		return;
	}
	w->connected++;
	w->client = channel;
	rf_channel_handle(channel, &ops, w);
}

static void begin(struct world *w)
{
	struct rf_error err = {0};

	memset(w, 0, sizeof(*w));
	w->base = event_base_new();
	CU_ASSERT_EQUAL_FATAL(rf_secret_create(&w->secret, NULL), 0);
	CU_ASSERT_EQUAL_FATAL(rf_secret_create(&w->other, NULL), 0);
	w->listener = rf_listener_create(w->base, &w->secret, on_accepted, w, &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(w->listener);
}

static void end(struct world *w)
{
	rf_channel_destroy(w->server);
	rf_channel_destroy(w->client);
	rf_listener_destroy(w->listener);
	event_base_free(w->base);
}

/* Runs the loop until *count reaches goal; false after `ms`. */
static bool reach(struct world *w, const int *count, int goal, int ms)
{
	struct timespec now, stop;

	clock_gettime(CLOCK_MONOTONIC, &stop);
	stop.tv_sec += ms / 1000;
	stop.tv_nsec += ms % 1000 * 1000000L;
	while (*count < goal) {
		event_base_loop(w->base, EVLOOP_NONBLOCK);
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec > stop.tv_sec + 1 ||
		    (now.tv_sec - stop.tv_sec) * 1000000000L + now.tv_nsec - stop.tv_nsec > 0)
			return false;
		if (*count < goal)
			poll(NULL, 0, 1);
	}
	return true;
}

static void settle(struct world *w, int ms)
{
	static const int never;

	reach(w, &never, 1, ms);
}

static void join(struct world *w)
{
	CU_ASSERT_PTR_NOT_NULL(rf_connect(w->base, rf_listener_addresses(w->listener), &w->secret,
					  5000, on_connected, w, NULL));
	CU_ASSERT(reach(w, &w->connected, 1, 5000));
	CU_ASSERT(reach(w, &w->accepted, 1, 5000));
}

/* A stranger: a plain blocking socket, connected to the listener over loopback. */
static int stranger(struct world *w)
{
	union rf_address list[RF_ADDRESS_LIST];
	int n = rf_address_parse(rf_listener_addresses(w->listener), list, NULL), fd;

	CU_ASSERT_FATAL(n > 0);
	fd = socket(list[n - 1].any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(connect(fd, &list[n - 1].any, rf_address_size(&list[n - 1])), 0);
	return fd;
}

/* How many bytes a stranger gets before the connection ends; -1 if it does not end. */
static ssize_t harvest(struct world *w, int fd)
{
	char bytes[4096];
	ssize_t n, sum = 0;
	int turn;

	for (turn = 0; turn < 2000; turn++) {
		event_base_loop(w->base, EVLOOP_NONBLOCK);
		n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		if (n == 0 || (n < 0 && errno == ECONNRESET))
			return sum;
		if (n > 0)
			sum += n;
		else
			poll(NULL, 0, 1);
	}
	return -1;
}

static void talk(struct world *w)
{
	json_t *m = rf_message_create(NULL, "end", NULL);
	int before = w->messages;

	w->echo = true;
	CU_ASSERT_EQUAL(rf_channel_send(w->client, m, NULL), 0);
	CU_ASSERT(reach(w, &w->messages, before + 2, 2000));
	json_decref(m);
}

static void test_null(void)
{
	struct event_base *base = event_base_new();
	struct rf_secret secret = {{0}};
	struct rf_error err;

	CU_ASSERT_PTR_NULL(rf_listener_create(NULL, &secret, on_accepted, NULL, &err));
	CU_ASSERT_PTR_NULL(rf_listener_create(base, NULL, on_accepted, NULL, &err));
	CU_ASSERT_PTR_NULL(rf_listener_create(base, &secret, NULL, NULL, &err));
	CU_ASSERT_PTR_NULL(rf_connect(base, NULL, &secret, 1, on_connected, NULL, &err));
	CU_ASSERT_PTR_NULL(rf_connect(base, "x", &secret, 1, on_connected, NULL, &err));
	CU_ASSERT_PTR_NULL(rf_connect(base, "127.0.0.1:1", NULL, 1, on_connected, NULL, &err));
	CU_ASSERT_PTR_NULL(rf_connect(base, "127.0.0.1:1", &secret, 0, on_connected, NULL, &err));
	rf_listener_destroy(NULL);
	rf_connector_destroy(NULL);
	event_base_free(base);
}

static void test_meet(void)
{
	struct world w;

	begin(&w);
	join(&w);
	talk(&w);
	CU_ASSERT_EQUAL(rf_listener_dropped(w.listener), 0);
	rf_channel_finish(w.client);
	CU_ASSERT(reach(&w, &w.orderly, 2, 2000));
	CU_ASSERT_EQUAL(w.closed, 2);
	end(&w);
}

static void test_nobody(void)
{
	struct world w;
	char gone[RF_ADDRESS_LIST * RF_ADDRESS_TEXT];

	begin(&w);
	snprintf(gone, sizeof(gone), "%s", rf_listener_addresses(w.listener));
	rf_listener_destroy(w.listener);
	w.listener = NULL;
	CU_ASSERT_PTR_NOT_NULL(rf_connect(w.base, gone, &w.secret, 600, on_connected, &w, NULL));
	CU_ASSERT(reach(&w, &w.refused, 1, 3000));
	CU_ASSERT_EQUAL(w.why.code, ECONNREFUSED);
	end(&w);
}

static void test_late(void)
{
	static const char closed_port[] = "127.0.0.1:1,";
	char list[RF_ADDRESS_LIST * RF_ADDRESS_TEXT + sizeof(closed_port)];
	struct world w;

	/* 192.0.2.0/24 is for documentation: nobody answers, or the route is refused at once */
	begin(&w);
	snprintf(list, sizeof(list), "192.0.2.1:9,%s%s", closed_port,
		 strrchr(rf_listener_addresses(w.listener), ',') + 1);
	CU_ASSERT_PTR_NOT_NULL(rf_connect(w.base, list, &w.secret, 4000, on_connected, &w, NULL));
	CU_ASSERT(reach(&w, &w.connected, 1, 4000));
	end(&w);
}

static void test_give_up(void)
{
	static const char *const lists[] = {"192.0.2.1:9", "127.0.0.1:1,192.0.2.1:9"};
	struct rf_connector *connector;
	struct world w;
	size_t i;

	begin(&w);
	rf_connector_destroy(rf_connect(w.base, rf_listener_addresses(w.listener), &w.secret, 5000,
					on_connected, &w, NULL));
	for (i = 0; i < 2; i++) {
		connector = rf_connect(w.base, lists[i], &w.secret, 5000, on_connected, &w, NULL);
		settle(&w, 30);
		rf_connector_destroy(connector);
	}
	settle(&w, 50);
	CU_ASSERT_EQUAL(w.connected + w.refused + w.accepted, 0);
	end(&w);
}

static void test_wrong_secret(void)
{
	struct world w;

	begin(&w);
	CU_ASSERT_PTR_NOT_NULL(rf_connect(w.base, rf_listener_addresses(w.listener), &w.other, 700,
					  on_connected, &w, NULL));
	CU_ASSERT(reach(&w, &w.refused, 1, 3000));
	CU_ASSERT_EQUAL(w.accepted, 0);
	CU_ASSERT_EQUAL(w.connected, 0);
	CU_ASSERT(rf_listener_dropped(w.listener) > 0);
	join(&w);
	talk(&w);
	end(&w);
}

static void test_garbage(void)
{
	unsigned char bytes[4096];
	unsigned int seed = 1;
	struct world w;
	int fd, i, n;

	begin(&w);
	join(&w);
	for (i = 0; i < 200; i++) {
		fd = stranger(&w);
		for (n = 0; n < (int)sizeof(bytes); n++)
			bytes[n] = rand_r(&seed) >> 8;
		if (i % 2)
			memcpy(bytes, "RFRY\0\1\0\0", 8); /* a well-formed hello, then no proof */
		send(fd, bytes, i * 20 + 1, MSG_NOSIGNAL);
		if (i * 20 + 1 >= RF_AUTH_HELLO + RF_AUTH_PROOF)
			CU_ASSERT_EQUAL(harvest(&w, fd), i % 2 ? RF_AUTH_HELLO : 0);
		close(fd);
	}
	talk(&w);
	settle(&w, 20);
	CU_ASSERT_EQUAL(w.accepted, 1);
	CU_ASSERT_EQUAL(w.closed, 0);
	CU_ASSERT_EQUAL(rf_listener_dropped(w.listener), 200);
	end(&w);
}

static void test_reflected(void)
{
	unsigned char hello[RF_AUTH_HELLO] = "RFRY\0\1\0\0", answer[RF_AUTH_HELLO];
	struct world w;
	ssize_t n = 0;
	int a, b, turn;

	/* the listener's own hello, sent back to it on another connection */
	begin(&w);
	a = stranger(&w);
	b = stranger(&w);
	send(a, hello, sizeof(hello), MSG_NOSIGNAL);
	for (turn = 0; turn < 1000 && n < RF_AUTH_HELLO; turn++) {
		event_base_loop(w.base, EVLOOP_NONBLOCK);
		n = recv(a, answer, sizeof(answer), MSG_DONTWAIT | MSG_PEEK);
		poll(NULL, 0, 1);
	}
	CU_ASSERT_EQUAL(n, RF_AUTH_HELLO);
	send(b, answer, sizeof(answer), MSG_NOSIGNAL);
	CU_ASSERT_EQUAL(harvest(&w, b), 0);
	CU_ASSERT_EQUAL(w.accepted, 0);
	close(a);
	close(b);
	end(&w);
}

static void test_crowd(void)
{
	enum { CROWD = 3000, AT_ONCE = 400 };
	struct rlimit limit;
	int fds[AT_ONCE], i;
	struct world w;

	/* silent strangers, far more than may be pending, while a job's own peer talks and another
	 * joins */
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max < 4096 ? limit.rlim_max : 4096;
	setrlimit(RLIMIT_NOFILE, &limit);
	begin(&w);
	join(&w);
	for (i = 0; i < CROWD; i++) {
		if (i >= AT_ONCE)
			close(fds[i % AT_ONCE]);
		fds[i % AT_ONCE] = stranger(&w);
		event_base_loop(w.base, EVLOOP_NONBLOCK);
		if (i % 500 == 499)
			talk(&w);
	}
	CU_ASSERT(rf_listener_dropped(w.listener) >= CROWD - RF_LISTENER_PENDING);
	CU_ASSERT_PTR_NOT_NULL(rf_connect(w.base, rf_listener_addresses(w.listener), &w.secret,
					  5000, on_connected, &w, NULL));
	w.client = (rf_channel_destroy(w.client), NULL);
	CU_ASSERT(reach(&w, &w.connected, 2, 5000));
	CU_ASSERT(reach(&w, &w.accepted, 2, 5000));
	for (i = 0; i < AT_ONCE; i++)
		close(fds[i]);
	settle(&w, 50);
	CU_ASSERT(rf_listener_dropped(w.listener) <= CROWD);
	end(&w);
}

static void test_no_fds(void)
{
	struct rlimit limit, low;
	struct world w;
	int fd[2], i;

	/* no fd left for a connection: the loop neither spins nor stops, and goes on when there is
	 * one */
	begin(&w);
	fd[0] = stranger(&w);
	fd[1] = dup(0);
	close(fd[1]);
	getrlimit(RLIMIT_NOFILE, &limit);
	low = limit;
	low.rlim_cur = fd[1];
	CU_ASSERT_EQUAL(setrlimit(RLIMIT_NOFILE, &low), 0);
	for (i = 0; i < 50; i++)
		event_base_loop(w.base, EVLOOP_NONBLOCK);
	CU_ASSERT_EQUAL(event_base_get_num_events(w.base, EVENT_BASE_COUNT_ADDED), 1);
	setrlimit(RLIMIT_NOFILE, &limit);
	join(&w);
	talk(&w);
	close(fd[0]);
	end(&w);
}

static const struct unit_test tests[] = {
	{"NULL and nonsense are refused", test_null},
	{"two holders of the secret meet, talk and part in order", test_meet},
	{"nobody listens: told why at the deadline", test_nobody},
	{"dead addresses before the right one do no harm", test_late},
	{"a connector can be given up", test_give_up},
	{"a wrong secret gets nothing, the right one still works", test_wrong_secret},
	{"garbage gets nothing and disturbs nobody", test_garbage},
	{"a hello that is sent back is refused", test_reflected},
	{"thousands of silent strangers keep nobody out", test_crowd},
	{"out of fds, the listener waits and goes on", test_no_fds},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("listener", tests);
}
