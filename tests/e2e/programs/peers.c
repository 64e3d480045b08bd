/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * peers KIND SECONDS ADDRESS PORT: somebody without a job's secret, who knows where it listens, and
 * the protocol (docs/protocol.md). KIND is one of the table at the end, or "unix" with the path of
 * a socket for ADDRESS. Says how many connections there were, and of how many bytes the longest
 * answer was; exits with 1 if that is more than a hello, or if one is not closed by the other end
 * within the handshake's deadline.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "wire/auth.h"

#define AT_ONCE 300
#define PATIENT 7000 /* ms: the deadline of a handshake, and some */

struct peer {
	int fd; /* -1: none */
	long long began, next;
	unsigned said, heard;
	unsigned char hello[RF_AUTH_HELLO];
	struct rf_auth *auth;
};

static struct sockaddr_in there;
static unsigned long connections, most, late;

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void put(struct peer *p, const void *data, size_t size)
{
	if (send(p->fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT) > 0)
		p->said += (unsigned)size;
}

/* ---- what they do: begin(), and then step() from time to time ---- */

static void nothing(struct peer *p)
{
	(void)p;
}

static void begin_garbage(struct peer *p)
{
	unsigned char data[5000];
	size_t i, n = 1 + (size_t)rand() % sizeof(data);

	for (i = 0; i < n; i++)
		data[i] = (unsigned char)rand();
	if (rand() % 2)
		memcpy(data, "RFRY\0\1\0", n < 8 ? n : 8);
	put(p, data, n);
}

static void begin_handshake(struct peer *p, enum rf_auth_role role)
{
	unsigned char piece[RF_AUTH_PIECE];
	struct rf_secret other;
	size_t n;

	if (rf_secret_create(&other, NULL) < 0)
		exit(2);
	p->auth = rf_auth_create(role, &other, NULL);
	while (p->auth && (n = rf_auth_send(p->auth, piece)) > 0)
		put(p, piece, n);
}

static void begin_wrong(struct peer *p)
{
	begin_handshake(p, RF_AUTH_INITIATOR);
}

static void begin_role(struct peer *p)
{
	begin_handshake(p, RF_AUTH_RESPONDER);
}

/* With the hello that has come: a proof, by another secret. */
static void step_wrong(struct peer *p)
{
	unsigned char piece[RF_AUTH_PIECE];
	size_t n;

	if (p->heard != RF_AUTH_HELLO || !p->auth || !rf_auth_wants(p->auth))
		return;
	if (rf_auth_receive(p->auth, p->hello, NULL) < 0)
		return;
	while ((n = rf_auth_send(p->auth, piece)) > 0)
		put(p, piece, n);
	if (rf_auth_done(p->auth)) {
		fprintf(stderr, "peers: somebody without the secret is trusted\n");
		exit(1);
	}
}

/* Everything that comes goes back. */
static void step_echo(struct peer *p)
{
	if (p->said < p->heard)
		put(p, p->hello + p->said, p->heard - p->said);
}

static void step_slow(struct peer *p)
{
	static const unsigned char hello[RF_AUTH_HELLO] = "RFRY\0\1\0";

	if (now_ms() < p->next || p->said >= sizeof(hello))
		return;
	p->next = now_ms() + 300;
	put(p, hello + p->said, 1);
}

static void step_cut(struct peer *p)
{
	if (p->heard == RF_AUTH_HELLO)
		shutdown(p->fd, SHUT_RDWR);
}

static const struct {
	const char *name;
	void (*begin)(struct peer *), (*step)(struct peer *);
	int ends; /* by itself, at once */
} kinds[] = {
	{"silent", nothing, nothing, 0},       {"garbage", begin_garbage, nothing, 0},
	{"wrong", begin_wrong, step_wrong, 0}, {"role", begin_role, nothing, 0},
	{"echo", nothing, step_echo, 0},       {"slow", nothing, step_slow, 0},
	{"cut", begin_wrong, step_cut, 0},     {"flood", nothing, nothing, 1},
};

static void end(struct peer *p)
{
	if (p->heard > most)
		most = p->heard;
	if (p->fd >= 0)
		close(p->fd);
	rf_auth_destroy(p->auth);
	*p = (struct peer){.fd = -1};
}

static void begin(struct peer *p, int kind)
{
	*p = (struct peer){.fd = socket(AF_INET, SOCK_STREAM, 0), .began = now_ms()};
	if (p->fd < 0)
		return;
	if (connect(p->fd, (struct sockaddr *)&there, sizeof(there)) < 0) {
		end(p);
		return;
	}
	connections++;
	kinds[kind].begin(p);
	if (kinds[kind].ends)
		end(p);
}

/* False: the connection is over. */
static int hear(struct peer *p)
{
	unsigned char data[4096];
	ssize_t n = recv(p->fd, data, sizeof(data), MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return 1;
	if (n <= 0)
		return 0;
	if (p->heard < sizeof(p->hello))
		memcpy(p->hello + p->heard, data,
		       (size_t)n < sizeof(p->hello) - p->heard ? (size_t)n
							       : sizeof(p->hello) - p->heard);
	p->heard += (unsigned)n;
	return 1;
}

static int ask_unix(const char *path)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	static const char request[] = "{\"kind\":\"status\"}";
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), n;
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	char data[1000];

	strncpy(name.sun_path, path, sizeof(name.sun_path) - 1);
	if (connect(fd, (struct sockaddr *)&name, sizeof(name)) < 0) {
		if (errno == EPROTOTYPE) {
			close(fd);
			fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
			ready.fd = fd;
		}
		if (errno != EPROTOTYPE ||
		    connect(fd, (struct sockaddr *)&name, sizeof(name)) < 0) {
			printf("unix: %s\n", strerror(errno));
			return errno != EACCES && errno != EPERM;
		}
	}
	send(fd, request, sizeof(request), MSG_NOSIGNAL);
	n = poll(&ready, 1, PATIENT) > 0 ? (int)recv(fd, data, sizeof(data), 0) : -2;
	printf("unix: %s\n", n == -2 ? "it is not closed" : n > 0 ? "an answer" : "closed");
	return n > 0 || n == -2;
}

int main(int argc, char **argv)
{
	struct peer peers[AT_ONCE];
	long long until, last;
	unsigned i, kind;

	if (argc == 4 && strcmp(argv[1], "unix") == 0)
		return ask_unix(argv[3]);
	for (kind = 0; argc == 5 && kind < sizeof(kinds) / sizeof(kinds[0]); kind++)
		if (strcmp(kinds[kind].name, argv[1]) == 0)
			break;
	there.sin_family = AF_INET;
	if (argc != 5 || kind == sizeof(kinds) / sizeof(kinds[0]) ||
	    inet_pton(AF_INET, argv[3], &there.sin_addr) != 1)
		return 2;
	there.sin_port = htons((unsigned short)atoi(argv[4]));
	for (i = 0; i < AT_ONCE; i++)
		peers[i] = (struct peer){.fd = -1};
	until = now_ms() + atoi(argv[2]) * 1000LL;
	while (now_ms() < until) {
		for (i = 0; i < AT_ONCE; i++) {
			struct peer *p = &peers[i];

			if (p->fd < 0) {
				begin(p, (int)kind);
				continue;
			}
			if (!hear(p)) {
				end(p);
				continue;
			}
			kinds[kind].step(p);
		}
		usleep(1000);
	}
	/* the rest must be closed by the other end */
	last = now_ms() + PATIENT;
	for (i = 0; i < AT_ONCE; i++) {
		while (peers[i].fd >= 0 && hear(&peers[i]) && now_ms() < last)
			usleep(1000);
		late += peers[i].fd >= 0 && now_ms() >= last;
		end(&peers[i]);
	}
	printf("%s: %lu connections, %lu bytes came\n", argv[1], connections, most);
	if (late)
		printf("%lu were not closed\n", late);
	return connections == 0 || most > RF_AUTH_HELLO || late > 0;
}
