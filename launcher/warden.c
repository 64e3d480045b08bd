/* SPDX-License-Identifier: BSD-3-Clause */
#include "warden.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#define WAIT_MS	     1000 /* before the first look whether the job can be moved now */
#define WAIT_MOST_MS 30000
#define WAITS	     40 /* about 18 minutes; then it is a failure as any other */

enum stage {
	CLEAR,
	WANTED, /* to be emptied, from `next` on */
	MOVING,
	EMPTY,
	GIVEN_UP,
	AWAY, /* ok again, its ranks are to come back, from `next` on */
	COMING,
};

struct opinion {
	enum rf_host_state state;
	int64_t deadline_s;
	char reason[RF_WARDEN_REASON];
};

struct host {
	struct host *prev, *next_host;
	char *name;
	struct opinion of[RF_WARDEN_MONITORS];
	unsigned worst; /* whose opinion `state` is */
	enum rf_host_state state;
	int64_t since; /* when it came to this state */
	enum stage stage;
	enum rf_host_state event; /* the state for which it is or was emptied */
	unsigned attempts, waits;
	int64_t next; /* in WANTED and AWAY */
	bool left;    /* ranks had to leave it, and have not been brought back */
};

struct rf_warden {
	struct rf_warden_options options;
	const struct rf_warden_ops *ops;
	void *data;
	struct host *hosts;
	char *monitor[RF_WARDEN_MONITORS];
	bool busy; /* a move is under way */
};

const struct rf_warden_options rf_warden_presets = {
	.on = {false, true, true},
	.settle_ms = {5000, 0, 3000},
	.parallel = 2,
	.retries = 5,
	.again_ms = 5000,
	.again_most_ms = 300000,
};

const char *rf_host_state_name(enum rf_host_state state)
{
	static const char *const names[] = {"ok", "drain", "unhealthy"};

	return names[state];
}

struct rf_warden *rf_warden_create(const struct rf_warden_options *options,
				   const struct rf_warden_ops *ops, void *data)
{
	struct rf_warden *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->options = *options;
	w->ops = ops;
	w->data = data;
	return w;
}

void rf_warden_set(struct rf_warden *w, const struct rf_warden_options *options)
{
	w->options = *options;
}

static void forget(struct rf_warden *w, struct host *host)
{
	DL_DELETE2(w->hosts, host, prev, next_host);
	free(host->name);
	free(host);
}

void rf_warden_destroy(struct rf_warden *w)
{
	unsigned i;

	if (!w)
		return;
	while (w->hosts)
		forget(w, w->hosts);
	for (i = 0; i < RF_WARDEN_MONITORS; i++)
		free(w->monitor[i]);
	free(w);
}

static struct host *find(const struct rf_warden *w, const char *name)
{
	struct host *host;

	for (host = w->hosts; host; host = host->next_host)
		if (strcmp(host->name, name) == 0)
			return host;
	return NULL;
}

static struct host *get(struct rf_warden *w, int64_t now, const char *name)
{
	struct host *host = find(w, name);

	if (host)
		return host;
	host = calloc(1, sizeof(*host));
	if (host)
		host->name = strdup(name);
	if (!host || !host->name) {
		free(host);
		return NULL; /* it is told of again */
	}
	host->since = now;
	DL_APPEND2(w->hosts, host, prev, next_host);
	return host;
}

/* The worst opinion counts; of equal ones that of the first monitor. */
static void judge(struct host *host, int64_t now)
{
	enum rf_host_state state = RF_HOST_OK;
	unsigned i;

	host->worst = 0;
	for (i = 0; i < RF_WARDEN_MONITORS; i++)
		if (host->of[i].state > state) {
			state = host->of[i].state;
			host->worst = i;
		}
	if (state != host->state)
		host->since = now;
	host->state = state;
}

void rf_warden_hear(struct rf_warden *w, int64_t now, unsigned monitor, const char *name,
		    const struct rf_word *words, unsigned count)
{
	struct host *host;
	unsigned i;

	if (!w->monitor[monitor])
		w->monitor[monitor] = strdup(name);
	for (host = w->hosts; host; host = host->next_host)
		host->of[monitor] = (struct opinion){0};
	for (i = 0; i < count; i++) {
		struct opinion *opinion;

		if (words[i].state == RF_HOST_OK)
			continue;
		host = get(w, now, words[i].host);
		if (!host)
			continue;
		opinion = &host->of[monitor];
		if (words[i].state <= opinion->state)
			continue;
		opinion->state = words[i].state;
		opinion->deadline_s = words[i].deadline_s;
		snprintf(opinion->reason, sizeof(opinion->reason), "%s",
			 words[i].reason ? words[i].reason : "");
	}
	for (host = w->hosts; host; host = host->next_host)
		judge(host, now);
}

static void say(struct rf_warden *w, const struct host *host, enum rf_warden_what what,
		int64_t again_ms, const struct rf_error *why)
{
	const struct opinion *opinion = &host->of[host->worst];
	const struct rf_warden_event event = {
		.what = what,
		.host = host->name,
		.state = host->state,
		.reason = opinion->reason,
		.monitor = w->monitor[host->worst],
		.deadline_s = opinion->deadline_s,
		.attempt = host->attempts + (what != RF_WARDEN_AGAIN && what != RF_WARDEN_GIVE_UP),
		.again_ms = again_ms,
		.error = why ? why->text : NULL,
		.back = host->stage == COMING || host->stage == AWAY || host->stage == CLEAR,
	};

	w->ops->event(&event, w->data);
}

static void want(struct host *host, int64_t now)
{
	host->stage = WANTED;
	host->event = host->state;
	host->attempts = host->waits = 0;
	host->next = now;
}

/* Room may have been what was missing. */
static void reconsider(struct rf_warden *w, int64_t now)
{
	struct host *host;

	for (host = w->hosts; host; host = host->next_host)
		if (host->stage == GIVEN_UP)
			want(host, now);
}

static void be_ok(struct rf_warden *w, struct host *host, int64_t now)
{
	host->stage = CLEAR;
	if (host->left && w->options.back) {
		want(host, now);
		host->stage = AWAY;
	}
	say(w, host, RF_WARDEN_OK, 0, NULL);
	reconsider(w, now);
}

/* Has its state lasted, and what follows from it? */
static void settle(struct rf_warden *w, struct host *host, int64_t now)
{
	bool clear = host->stage == CLEAR || host->stage == AWAY;

	if (host->stage == MOVING || host->stage == COMING ||
	    now - host->since < w->options.settle_ms[host->state])
		return;
	if (!w->options.on[host->state]) {
		if (!clear)
			be_ok(w, host, now);
	} else if (clear || (host->stage == GIVEN_UP && host->state > host->event)) {
		want(host, now);
		say(w, host, RF_WARDEN_BAD, 0, NULL);
	}
}

static bool is_due(const struct rf_warden *w, struct host *host, int64_t now)
{
	if (host->stage != WANTED || host->next > now || !w->options.on[host->state])
		return false;
	if (w->ops->is_used(host->name, w->data))
		return true;
	host->stage = EMPTY; /* there was nothing to be done */
	return false;
}

/* A host that must be empty sooner, or by a time at all, goes first; then one that is worse. */
static bool is_before(const struct host *a, const struct host *b)
{
	int64_t x = a->of[a->worst].deadline_s, y = b->of[b->worst].deadline_s;

	if (x != y)
		return x && (!y || x < y);
	return a->state > b->state;
}

static struct host *most_urgent(const struct rf_warden *w, int64_t now)
{
	struct host *host, *best = NULL;

	for (host = w->hosts; host; host = host->next_host)
		if (is_due(w, host, now) && (!best || is_before(host, best)))
			best = host;
	return best;
}

/* Hosts share a move, unless one has failed before: then the others must not suffer from it. */
static void begin(struct rf_warden *w, int64_t now)
{
	const char **names = calloc(w->options.parallel + 1, sizeof(*names));
	struct host *host;
	unsigned n = 0;

	while (names && n < w->options.parallel && (host = most_urgent(w, now))) {
		if (n > 0 && host->attempts > 0)
			break;
		host->stage = MOVING;
		names[n++] = host->name;
		say(w, host, RF_WARDEN_BEGIN, 0, NULL);
		if (host->attempts > 0)
			break;
	}
	if (n > 0) {
		w->busy = true;
		w->ops->evacuate(names, n, w->data);
	}
	free(names);
}

static void bring_back(struct rf_warden *w, struct host *host)
{
	host->stage = COMING;
	w->busy = true;
	say(w, host, RF_WARDEN_RETURN, 0, NULL);
	if (w->ops->bring_back(host->name, w->data))
		return;
	w->busy = false;
	host->stage = CLEAR;
	host->left = false;
}

/* One at a time, and only when no host is to be emptied. */
static void begin_return(struct rf_warden *w, int64_t now)
{
	struct host *host;

	for (host = w->hosts; host && !w->busy; host = host->next_host)
		if (host->stage == AWAY && host->next <= now && !w->options.on[host->state])
			bring_back(w, host);
}

/* In how many ms something is due for this host; -1: nothing. */
static int64_t due(const struct rf_warden *w, const struct host *host, int64_t now)
{
	int64_t settles = host->since + w->options.settle_ms[host->state] - now;

	if (settles > 0)
		return settles;
	if (w->busy)
		return -1;
	if ((host->stage == WANTED && w->options.on[host->state]) ||
	    (host->stage == AWAY && !w->options.on[host->state]))
		return host->next > now ? host->next - now : 0;
	return -1;
}

int64_t rf_warden_decide(struct rf_warden *w, int64_t now)
{
	struct host *host, *next;
	int64_t first = -1;

	for (host = w->hosts; host; host = host->next_host)
		settle(w, host, now);
	if (!w->busy)
		begin(w, now);
	if (!w->busy)
		begin_return(w, now);
	for (host = w->hosts; host; host = next) {
		int64_t ms = due(w, host, now);

		next = host->next_host;
		if (ms < 0 && host->stage == CLEAR && host->state == RF_HOST_OK)
			forget(w, host);
		else if (ms >= 0 && (first < 0 || ms < first))
			first = ms;
	}
	return first;
}

void rf_warden_moved(struct rf_warden *w, int64_t now, const struct rf_error *but)
{
	struct host *host;

	(void)now;
	w->busy = false;
	for (host = w->hosts; host; host = host->next_host) {
		if (host->stage == MOVING) {
			host->stage = EMPTY;
			host->left = true;
			say(w, host, RF_WARDEN_EMPTY, 0, but);
		} else if (host->stage == COMING) {
			host->stage = CLEAR;
			host->left = false;
			say(w, host, RF_WARDEN_BACK, 0, but);
		}
	}
}

static int64_t doubled(int64_t first, unsigned times, int64_t most)
{
	while (times-- > 0 && first < most)
		first *= 2;
	return first < most ? first : most;
}

static void fail(struct rf_warden *w, struct host *host, int64_t now, const struct rf_error *why)
{
	bool back = host->stage == COMING;
	int64_t wait;

	host->stage = back ? AWAY : WANTED;
	if ((why->code == EBUSY || why->code == EAGAIN) && host->waits < WAITS) {
		wait = doubled(WAIT_MS, host->waits++, WAIT_MOST_MS);
		host->next = now + wait;
		if (host->waits == 1)
			say(w, host, RF_WARDEN_WAIT, wait, why);
		return;
	}
	host->waits = 0;
	wait = doubled(w->options.again_ms, host->attempts++, w->options.again_most_ms);
	host->next = now + wait;
	if (host->attempts <= w->options.retries) {
		say(w, host, RF_WARDEN_AGAIN, wait, why);
		return;
	}
	host->stage = back ? CLEAR : GIVEN_UP;
	host->left = host->left && !back;
	say(w, host, RF_WARDEN_GIVE_UP, 0, why);
}

void rf_warden_failed(struct rf_warden *w, int64_t now, const struct rf_error *why)
{
	struct host *host;

	w->busy = false;
	for (host = w->hosts; host; host = host->next_host)
		if (host->stage == MOVING || host->stage == COMING)
			fail(w, host, now, why);
}

bool rf_warden_avoids(const struct rf_warden *w, const char *name)
{
	const struct host *host = find(w, name);

	return host &&
	       ((host->stage >= WANTED && host->stage <= GIVEN_UP) || w->options.on[host->state]);
}
