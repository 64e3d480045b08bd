/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "plugin.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "environment.h"
#include "places.h"
#include "say.h"
#include "timer.h"
#include "util/clock.h"
#include "verdict.h"

#define FIRST_AGAIN_MS 1000
#define START_MS       5000 /* at least, for its process to start: a call may take less */
#define GONE_MS	       2000 /* for a guard to have ended all: longer than it takes */

enum state { DOWN, OPENING, READY, BUSY, OFF };

struct rf_plugin {
	struct event_base *base;
	struct rf_plugin_spec spec;
	const struct rf_plugin_ops *ops;
	void *data;
	char name[96], path[PATH_MAX], program[PATH_MAX];
	char **environment; /* as it was when the plugin was first started */
	enum state state;
	bool once;	       /* it has been ready, or has failed */
	struct rf_error wrong; /* it refuses what it is set to */
	pid_t guard, former;   /* 0: none; the last one, which may still be ending */
	struct bufferevent *io;
	struct event *timer; /* of an answer, or until it is started again */
	json_int_t id;	     /* of the last request */
	int every_ms;
	int failures;
	long long first_ms; /* of these failures */
	rf_plugin_answer *answer;
	void *answer_data;
	char noted[RF_ERROR_TEXT]; /* what was said last, or "" */
};

static void start(struct rf_plugin *p);

/* Its guard sees the end of the socket, and ends everything. */
static void hang_up(struct rf_plugin *p)
{
	int fd = p->io ? bufferevent_getfd(p->io) : -1;

	event_del(p->timer);
	if (!p->io)
		return;
	/* now: libevent would close it in a later turn of the loop, which there may not be */
	bufferevent_setfd(p->io, -1);
	bufferevent_free(p->io);
	close(fd);
	p->io = NULL;
}

/* The loop reaps all children, so perhaps this one already. */
static void await_guard(pid_t guard)
{
	const struct timespec step = {0, 2000000};
	long long until = rf_clock_ms() + GONE_MS;

	while (guard > 0 && waitpid(guard, NULL, WNOHANG) == 0 && rf_clock_ms() < until)
		nanosleep(&step, NULL);
}

static void give_answer(struct rf_plugin *p, const json_t *answer, const struct rf_error *why)
{
	rf_plugin_answer *to = p->answer;
	void *data = p->answer_data;

	p->answer = NULL;
	if (to)
		to(answer, why, data);
}

static void switch_off(struct rf_plugin *p, const struct rf_error *why)
{
	p->state = OFF;
	rf_say("the %s is switched off: %s, %d times; the job goes on without it", p->name,
	       why->text, p->failures);
	if (p->ops->off)
		p->ops->off(p, p->data);
}

/* It is of no use as it is: another process may be. */
static void broke(struct rf_plugin *p, const struct rf_error *why)
{
	long long now = rf_clock_ms();

	hang_up(p);
	p->former = p->guard > 0 ? p->guard : p->former;
	p->guard = 0;
	p->state = DOWN;
	p->once = true;
	if (p->failures == 0 || now - p->first_ms > RF_PLUGIN_FORGIVE_MS) {
		p->failures = 0;
		p->first_ms = now;
	}
	if (++p->failures > RF_PLUGIN_RESTARTS)
		switch_off(p, why);
	else
		rf_later(p->timer, FIRST_AGAIN_MS << (p->failures - 1));
	give_answer(p, NULL, why);
}

static int patience(const struct rf_plugin *p)
{
	return p->state == OPENING && p->spec.timeout_ms < START_MS ? START_MS : p->spec.timeout_ms;
}

static void on_timer(evutil_socket_t fd, short what, void *data)
{
	struct rf_plugin *p = data;
	struct rf_error why;

	(void)fd;
	(void)what;
	if (p->state == DOWN) {
		start(p);
		return;
	}
	rf_error_set(&why, ETIMEDOUT, "it has not answered for %d ms", patience(p));
	broke(p, &why);
}

static void lost(struct rf_plugin *p, int status)
{
	struct rf_error why;

	if (WIFSIGNALED(status))
		rf_error_set(&why, EPIPE, "it was killed by signal %d (%s)", WTERMSIG(status),
			     strsignal(WTERMSIG(status)));
	else
		rf_error_set(&why, EPIPE, "it has ended by itself, with %d", WEXITSTATUS(status));
	broke(p, &why);
}

static void on_opened(struct rf_plugin *p, const json_t *answer)
{
	const char *kind = json_string_value(json_object_get(answer, "kind"));
	const char *name = json_string_value(json_object_get(answer, "name"));

	if (!kind || !name || strcmp(kind, p->spec.kind) != 0 || strcmp(name, p->spec.name) != 0) {
		rf_error_set(&p->wrong, ENOEXEC,
			     "%s is the %.20s '%.64s': its file has a wrong name", p->path,
			     kind ? kind : "", name ? name : "");
		broke(p, &p->wrong);
		return;
	}
	p->every_ms = p->spec.every_ms;
	if (!p->every_ms)
		p->every_ms = (int)json_integer_value(json_object_get(answer, "every_ms"));
	if (p->every_ms < 100)
		p->every_ms = 100;
	p->state = READY;
	p->once = true;
	if (p->ops->ready)
		p->ops->ready(p, p->data);
}

static void say_note(struct rf_plugin *p, const char *note)
{
	if (note && strcmp(note, p->noted) != 0)
		rf_say("the %s: %s", p->name, note);
	snprintf(p->noted, sizeof(p->noted), "%s", note ? note : "");
}

static void on_answer(struct rf_plugin *p, const json_t *answer)
{
	const char *text = json_string_value(json_object_get(answer, "error"));
	bool opening = p->state == OPENING;
	struct rf_error why;

	event_del(p->timer);
	say_note(p, json_string_value(json_object_get(answer, "note")));
	if (text)
		rf_error_set(&why, EIO, "%s", text);
	if (opening && text) {
		if (!p->once)
			p->wrong = why;
		broke(p, &why);
	} else if (opening) {
		on_opened(p, answer);
	} else {
		p->state = READY;
		give_answer(p, text ? NULL : answer, text ? &why : NULL);
		if (p->state == READY && p->ops->ready)
			p->ops->ready(p, p->data);
	}
}

/* False when the line has ended this process of the plugin's. */
static bool on_line(struct rf_plugin *p, const char *line, size_t size)
{
	json_t *answer = json_loadb(line, size, 0, NULL), *ended = json_object_get(answer, "ended");
	const json_t *id = json_object_get(answer, "id");
	struct rf_error why;
	bool good = false;

	if (json_is_integer(ended)) {
		lost(p, (int)json_integer_value(ended));
	} else if (!json_is_integer(id) || json_integer_value(id) != p->id ||
		   (p->state != BUSY && p->state != OPENING)) {
		rf_error_set(&why, EPROTO, "it says what is no answer");
		broke(p, &why);
	} else {
		on_answer(p, answer);
		good = p->io;
	}
	json_decref(answer);
	return good;
}

static void on_readable(struct bufferevent *io, void *data)
{
	struct evbuffer *in = bufferevent_get_input(io);
	struct rf_plugin *p = data;
	struct rf_error why;
	char *line;
	size_t size;
	bool good = true;

	while (good && (line = evbuffer_readln(in, &size, EVBUFFER_EOL_LF))) {
		good = on_line(p, line, size);
		free(line);
	}
	if (good && evbuffer_get_length(in) >= RF_PLUGIN_LINE) {
		rf_error_set(&why, EMSGSIZE, "it says more than %d bytes at once", RF_PLUGIN_LINE);
		broke(p, &why);
	}
}

static void on_closed(struct bufferevent *io, short what, void *data)
{
	struct rf_error why;

	(void)io;
	(void)what;
	rf_error_set(&why, EPIPE, "its process is lost");
	broke(data, &why);
}

static void free_environment(char **environment)
{
	char **entry;

	for (entry = environment; entry && *entry; entry++)
		free(*entry);
	free(environment);
}

/*
 * A copy of the environment without what the job's processes know of each other: that is not for a
 * plugin. Later it may be another thread that starts the plugin again, while the job's thread
 * changes its environment.
 */
static char **copy_environment(void)
{
	static const char agent[] = RF_ENV_AGENT "=";
	char **copy, **entry;
	size_t n = 0;

	for (entry = environ; *entry; entry++)
		n++;
	copy = calloc(n + 1, sizeof(*copy));
	for (entry = environ, n = 0; copy && *entry; entry++) {
		if (strncmp(*entry, RF_ENV_OURS, strlen(RF_ENV_OURS)) == 0 ||
		    strncmp(*entry, agent, strlen(agent)) == 0)
			continue;
		copy[n++] = strdup(*entry);
		if (!copy[n - 1]) {
			free_environment(copy);
			return NULL;
		}
	}
	return copy;
}

static _Noreturn void become_host(const struct rf_plugin *p, int socket)
{
	char number[16];
	char *const argv[] = {(char *)p->program, "serve", number, (char *)p->path, NULL};

	snprintf(number, sizeof(number), "%d", socket);
	fcntl(socket, F_SETFD, 0);
	execve(p->program, argv, p->environment);
	_exit(RF_EXIT_OWN);
}

static void ask(struct rf_plugin *p, json_t *request)
{
	char *text;

	json_object_set_new(request, "id", json_integer(++p->id));
	text = json_dumps(request, JSON_COMPACT);
	json_decref(request);
	rf_later(p->timer, patience(p)); /* also for a request that there was no memory for */
	if (!text)
		return;
	bufferevent_write(p->io, text, strlen(text));
	bufferevent_write(p->io, "\n", 1);
	free(text);
}

static void start(struct rf_plugin *p)
{
	struct rf_error why;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
		rf_error_errno(&why, "it can not be started");
		broke(p, &why);
		return;
	}
	evutil_make_socket_nonblocking(ends[0]);
	p->io = bufferevent_socket_new(p->base, ends[0], 0);
	p->guard = p->io ? fork() : -1;
	if (p->guard == 0)
		become_host(p, ends[1]);
	close(ends[1]);
	if (!p->io)
		close(ends[0]);
	if (p->guard < 0) {
		rf_error_errno(&why, "it can not be started");
		broke(p, &why);
		return;
	}
	bufferevent_setcb(p->io, on_readable, NULL, on_closed, p);
	bufferevent_setwatermark(p->io, EV_READ, 0, RF_PLUGIN_LINE);
	bufferevent_enable(p->io, EV_READ | EV_WRITE);
	p->state = OPENING;
	ask(p, json_pack("{s:s, s:O}", "do", "open", "options", p->spec.options));
}

struct rf_plugin *rf_plugin_start(struct event_base *base, struct rf_plugin_spec *spec,
				  const struct rf_plugin_ops *ops, void *data, struct rf_error *err)
{
	struct rf_plugin *p = calloc(1, sizeof(*p));

	if (p)
		p->environment = copy_environment();
	if (p && p->environment)
		p->timer = evtimer_new(base, on_timer, p);
	if (!p || !p->timer) {
		rf_error_set(err, ENOMEM, "no memory for a plugin");
		goto failed;
	}
	if (rf_plugin_find(spec->kind, spec->name, p->path, err) < 0 ||
	    rf_place_helper("rankferry-plugin-host", p->program, err) < 0)
		goto failed;
	snprintf(p->name, sizeof(p->name), "%s %s", spec->kind, spec->name);
	p->base = base;
	p->spec = *spec;
	*spec = (struct rf_plugin_spec){0};
	p->ops = ops;
	p->data = data;
	start(p);
	return p;
failed:
	if (p && p->timer)
		event_free(p->timer);
	if (p)
		free_environment(p->environment);
	free(p);
	return NULL;
}

int rf_plugin_await(struct event_base *base, const struct rf_plugin *p, struct rf_error *err)
{
	while (!p->once)
		if (event_base_loop(base, EVLOOP_ONCE) < 0)
			return rf_error_set(err, EIO, "the event loop has failed");
	if (!p->wrong.text[0])
		return 0;
	*err = p->wrong;
	return rf_error_prefix(err, "%s", p->name);
}

bool rf_plugin_is_ready(const struct rf_plugin *p)
{
	return p->state == READY;
}

bool rf_plugin_is_off(const struct rf_plugin *p)
{
	return p->state == OFF;
}

void rf_plugin_ask(struct rf_plugin *p, json_t *request, rf_plugin_answer *answer, void *data)
{
	p->state = BUSY;
	p->answer = answer;
	p->answer_data = data;
	ask(p, request);
}

const char *rf_plugin_name(const struct rf_plugin *p)
{
	return p->name;
}

int rf_plugin_every_ms(const struct rf_plugin *p)
{
	return p->every_ms;
}

void rf_plugin_stop(struct rf_plugin *p)
{
	hang_up(p);
	p->state = OFF;
	p->answer = NULL;
}

void rf_plugin_destroy(struct rf_plugin *p)
{
	if (!p)
		return;
	rf_plugin_stop(p);
	await_guard(p->former);
	await_guard(p->guard);
	event_free(p->timer);
	rf_plugin_spec_clear(&p->spec);
	free_environment(p->environment);
	free(p);
}
