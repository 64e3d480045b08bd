/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A peer that holds the secret and says anything: the channel hands out checked messages or closes,
 * once. The first byte of the input chooses: raw bytes behind the handshake, or sealed frames (each
 * behind its length in two bytes).
 */
#define _GNU_SOURCE
#include "fuzz.h"

#include <sys/socket.h>
#include <unistd.h>

#include "wire/channel.h"
#include "wire/message.h"

#define TURNS 64

static struct event_base *base;
static struct rf_secret secret;

struct seen {
	bool open;
	int ready, closed;
};

static void on_ready(struct rf_channel *channel, void *data)
{
	struct seen *seen = data;

	(void)channel;
	seen->ready++;
}

static void on_message(struct rf_channel *channel, json_t *message, void *data)
{
	struct seen *seen = data;

	(void)channel;
	FUZZ_CHECK(seen->open && seen->ready == 1);
	FUZZ_CHECK(rf_message_check(message, NULL) == 0);
}

static void on_closed(struct rf_channel *channel, const struct rf_error *why, void *data)
{
	struct seen *seen = data;

	(void)channel;
	FUZZ_CHECK(seen->open && (!why || why->text[0]));
	seen->open = false;
	seen->closed++;
}

static const struct rf_channel_ops ops = {on_ready, on_message, on_closed};

static void prove(struct rf_auth *auth, int fd)
{
	unsigned char piece[RF_AUTH_PIECE];
	size_t size;
	int turn;

	for (turn = 0; turn < TURNS && !rf_auth_done(auth); turn++) {
		size = rf_auth_send(auth, piece);
		if (size)
			FUZZ_CHECK(send(fd, piece, size, MSG_NOSIGNAL) == (ssize_t)size);
		event_base_loop(base, EVLOOP_NONBLOCK);
		size = rf_auth_wants(auth);
		if (size && recv(fd, piece, size, MSG_DONTWAIT) == (ssize_t)size)
			FUZZ_CHECK(rf_auth_receive(auth, piece, NULL) == 0);
	}
	FUZZ_CHECK(rf_auth_done(auth));
}

static void send_sealed(struct rf_auth *auth, int fd, const uint8_t *data, size_t size)
{
	unsigned char frame[4 + 65536 + RF_AUTH_SEAL];
	size_t length;

	while (size >= 2) {
		length = data[0] << 8 | data[1];
		length = length < size - 2 ? length : size - 2;
		FUZZ_CHECK(rf_auth_seal(auth, data + 2, length, false, frame + 4, NULL) == 0);
		data += length + 2;
		size -= length + 2;
		length += RF_AUTH_SEAL;
		frame[0] = frame[1] = 0;
		frame[1] = length >> 16 & 0xff;
		frame[2] = length >> 8 & 0xff;
		frame[3] = length & 0xff;
		send(fd, frame, length + 4, MSG_NOSIGNAL | MSG_DONTWAIT);
		event_base_loop(base, EVLOOP_NONBLOCK);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen seen = {.open = true};
	struct rf_channel *channel;
	struct rf_auth *auth;
	int fds[2];

	if (size == 0)
		return 0;
	if (!base)
		base = event_base_new();
	FUZZ_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
	channel = rf_channel_create(base, fds[0], RF_AUTH_RESPONDER, &secret, &ops, &seen, NULL);
	auth = rf_auth_create(RF_AUTH_INITIATOR, &secret, NULL);
	FUZZ_CHECK(channel && auth);
	prove(auth, fds[1]);
	if (data[0] & 1)
		send_sealed(auth, fds[1], data + 1, size - 1);
	else
		send(fds[1], data + 1, size - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	event_base_loop(base, EVLOOP_NONBLOCK);
	close(fds[1]);
	event_base_loop(base, EVLOOP_NONBLOCK);
	FUZZ_CHECK(!seen.open && seen.closed == 1 && seen.ready == 1);
	rf_auth_destroy(auth);
	return 0;
}
