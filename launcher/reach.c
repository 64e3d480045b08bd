/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "reach.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "aside.h"
#include "util/clock.h"

#define PORT	"22" /* any will do: a refusal is an answer */
#define AT_ONCE 256  /* hosts */

/* Begins to connect. The socket; -1: `*silent` is known already. */
static int begin(const char *host, bool *silent)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *list, *address;
	int fd = -1;

	*silent = false;
	if (getaddrinfo(host, PORT, &hints, &list) != 0)
		return -1;
	for (address = list; address; address = address->ai_next) {
		fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (fd < 0)
			continue;
		if (connect(fd, address->ai_addr, address->ai_addrlen) == 0 || errno == EINPROGRESS)
			break;
		*silent = errno != ECONNREFUSED;
		close(fd);
		fd = -1;
		if (!*silent)
			break;
	}
	freeaddrinfo(list);
	return fd;
}

static bool has_answered(int fd)
{
	socklen_t size = sizeof(int);
	int error = 0;

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
	return error == 0 || error == ECONNREFUSED;
}

/* A poll that fails, with EINTR or for want of memory, is tried again until the time is over. */
static void reach(const char *const host[], unsigned hosts, bool silent[])
{
	struct pollfd polls[AT_ONCE];
	unsigned i, left = 0;
	int64_t until;

	for (i = 0; i < hosts; i++) {
		polls[i] = (struct pollfd){.fd = begin(host[i], &silent[i]), .events = POLLOUT};
		left += polls[i].fd >= 0;
	}
	until = rf_clock_ms() + RF_REACH_MS; /* names are looked up: now all have the same time */
	while (left > 0 && rf_clock_left(until) > 0) {
		if (poll(polls, hosts, rf_clock_left(until)) <= 0)
			continue;
		for (i = 0; i < hosts; i++) {
			if (polls[i].fd < 0 || !polls[i].revents)
				continue;
			silent[i] = !has_answered(polls[i].fd);
			close(polls[i].fd);
			polls[i].fd = -1;
			left--;
		}
	}
	for (i = 0; i < hosts; i++) {
		if (polls[i].fd < 0)
			continue;
		silent[i] = true;
		close(polls[i].fd);
	}
}

struct asked {
	const char *const *host;
	unsigned hosts;
};

/* In a child: looking up a name has no deadline of its own. */
static void reach_all(const void *data, void *answer)
{
	const struct asked *asked = data;
	bool *silent = answer;
	unsigned i, n;

	for (i = 0; i < asked->hosts; i += n) {
		n = asked->hosts - i < AT_ONCE ? asked->hosts - i : AT_ONCE;
		reach(asked->host + i, n, silent + i);
	}
}

unsigned rf_reach(const struct rf_hostlist *hosts, struct rf_hostlist *list)
{
	static struct rf_aside aside;
	unsigned count = (unsigned)rf_hostlist_count(hosts), i = 0, n = 0;
	const char **host = calloc(count + 1, sizeof(*host)), *name;
	bool *silent = calloc(count + 1, sizeof(*silent));
	const struct asked asked = {host, count};

	aside.ms = RF_REACH_NAMES_MS + (int)(count / AT_ONCE + 1) * RF_REACH_MS;
	for (name = rf_hostlist_first(hosts); host && name; name = rf_hostlist_next(hosts, name))
		host[i++] = name;
	if (count > 0 && host && silent &&
	    rf_aside(&aside, "the service that knows hosts' names", reach_all, NULL, &asked, silent,
		     count * sizeof(*silent), NULL) == 0)
		for (i = 0; i < count; i++)
			n += silent[i];
	for (i = 0; i < count && n > 0 && n < count; i++)
		if (silent[i])
			rf_hostlist_add(list, host[i], NULL);
	free(host);
	free(silent);
	return n < count ? n : 0;
}
