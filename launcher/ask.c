/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "ask.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "wire/message.h"

static volatile sig_atomic_t asked_to_stop;

/* SA_RESETHAND: the second one ends the process as ever. No SA_RESTART: it interrupts recv(). */
static void on_signal(int number)
{
	asked_to_stop = number;
}

static void watch_signals(void)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND}, old;
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		sigaction(numbers[i], NULL, &old);
		if (old.sa_handler != SIG_IGN) /* nohup */
			sigaction(numbers[i], &action, NULL);
	}
}

static int send_line(int fd, const json_t *request, struct rf_error *err)
{
	size_t size, sent = 0;
	char *bytes;

	if (rf_message_encode(request, &bytes, &size, err) < 0)
		return -1;
	bytes[size++] = '\n'; /* in the place of the final zero */
	while (sent < size) {
		ssize_t n = send(fd, bytes + sent, size - sent, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR) {
			free(bytes);
			return rf_error_errno(err, "can not ask the job");
		}
		sent += n > 0 ? (size_t)n : 0;
	}
	free(bytes);
	return 0;
}

struct lines {
	int fd;
	size_t used, room;
	char *text;
	bool withdrawn, late;
};

/* The next line, without its end; it stays valid until the next call. NULL: the job is gone. */
static char *next_line(struct lines *in, size_t *taken)
{
	memmove(in->text, in->text + *taken, in->used -= *taken);
	for (;;) {
		char *end = memchr(in->text, '\n', in->used);
		ssize_t n;

		if (end) {
			*taken = (size_t)(end + 1 - in->text);
			return in->text;
		}
		if (in->used == in->room)
			return NULL;
		if (asked_to_stop && !in->withdrawn) {
			in->withdrawn = true;
			shutdown(in->fd, SHUT_WR);
		}
		n = recv(in->fd, in->text + in->used, in->room - in->used, 0);
		in->late = n < 0 && errno == EAGAIN;
		if (n == 0 || (n < 0 && errno != EINTR))
			return NULL;
		in->used += n > 0 ? (size_t)n : 0;
	}
}

static int converse(struct lines *in, rf_answer each, void *data, struct rf_error *err)
{
	bool last = false;
	size_t taken = 0;
	char *line;

	while (!last && (line = next_line(in, &taken))) {
		json_t *message = rf_message_decode(line, taken - 1, err);
		const char *text;
		int code;

		if (!message)
			return rf_error_prefix(err, "the job's answer can not be read");
		if (strcmp(rf_message_kind(message), "failed") == 0) {
			rf_message_unpack(message, NULL, "{s:i, s:s}", "code", &code, "text",
					  &text);
			rf_error_set(err, code, "%s", text);
			json_decref(message);
			return -1;
		}
		last = each(message, data);
		json_decref(message);
	}
	if (last)
		return 0;
	if (in->late)
		return rf_error_set(err, ETIMEDOUT, "the job does not answer: is it suspended?");
	return rf_error_set(err, EPIPE, "the job has ended meanwhile");
}

int rf_ask(int fd, int wait_ms, json_t *request, rf_answer each, void *data, struct rf_error *err)
{
	const struct timeval wait = {wait_ms / 1000, wait_ms % 1000 * 1000};
	struct lines in = {.fd = fd, .room = RF_MESSAGE_MAX + 1};
	int rc = -1;

	in.text = malloc(in.room);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	if (!in.text)
		rf_error_set(err, ENOMEM, "no memory to ask the job");
	if (request && in.text) {
		watch_signals();
		if (send_line(fd, request, err) == 0)
			rc = converse(&in, each, data, err);
		if (rc < 0 && asked_to_stop && err)
			err->code = ECANCELED;
	}
	free(in.text);
	json_decref(request);
	close(fd);
	return rc;
}
