/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "precopy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"
#include "timer.h"
#include "util/clock.h"

#define BODY 8192

enum rank_state { NONE, ASKED, HELD, WRITTEN };

struct rf_precopy {
	struct event_base *base;
	struct rf_coordinator *coordinator;
	const struct rf_precopy_ops *ops;
	void *data;
	char *dir;
	int rounds_ms;
	unsigned ranks;
	bool *moves, *behind; /* has not passed the fence */
	uint64_t *total;      /* of each rank, as the first round said */
	enum rank_state *state;
	uint32_t id, fence; /* of the round; of the fence, 0: there is none now */
	bool fenced;
	int last;	/* round that is complete */
	bool unable;	/* a rank's round has failed, and so ends all */
	bool preparing; /* ops->prepare() was called */
	bool cancelled; /* the ranks were told */
	struct rf_error why;
	struct rf_copied copied;
	uint64_t given;			     /* bytes of this round */
	uint64_t best;			     /* rate of any round so far */
	int64_t began_us, round_us, last_us; /* all, this round, the one before */
	struct event *go, *timer;
};

int rf_precopy_sizes(const char *text, uint64_t *given, uint64_t *total)
{
	unsigned long long a, b;

	if (sscanf(text, "%llu of %llu bytes", &a, &b) != 2)
		return -1;
	*given = a;
	*total = b;
	return 0;
}

int rf_precopy_text(char *body, size_t room, size_t *n, const char *key, const char *value)
{
	int more = snprintf(body + *n, room - *n, "%s=%s", key, value);

	if (more < 0 || (size_t)more >= room - *n)
		return -1;
	*n += (size_t)more + 1;
	return 0;
}

static unsigned count(const struct rf_precopy *p, enum rank_state state)
{
	unsigned i, n = 0;

	for (i = 0; i < p->ranks; i++)
		n += p->state[i] == state;
	return n;
}

static void end(struct rf_precopy *p)
{
	event_del(p->go);
	event_del(p->timer);
	p->ops->over(p->last, p->why.text[0] ? &p->why : NULL, p->data);
}

/* What is being written would come back after its directory was removed. */
static void stop_writing(struct rf_precopy *p)
{
	struct rf_error err;

	if (count(p, ASKED) + count(p, HELD) == 0) {
		end(p);
		return;
	}
	if (p->cancelled)
		return;
	p->cancelled = true;
	rf_later(p->timer, RF_PRECOPY_CANCEL_MS);
	rf_coordinator_order(p->coordinator, rf_coordinator_new_id(p->coordinator), RF_STEP_CANCEL,
			     p->moves, NULL, 0, &err);
}

void rf_precopy_cancel(struct rf_precopy *p, const struct rf_error *why)
{
	if (p->why.text[0])
		return;
	p->why = *why;
	p->preparing = false;
	p->fence = 0;
	event_del(p->go);
	stop_writing(p);
}

/*
 * A disk that is full, a host that is cut off: they would be so again when the rank stands still.
 * But if no image could be taken, that only means that all of it is copied then.
 */
static void fail_round(struct rf_precopy *p, unsigned rank, const struct rf_report *report)
{
	const char *text = report->text;
	struct rf_error err;

	if (report->step == RF_STEP_WRITTEN) {
		rf_error_set(&err, report->error, "rank %s: %s",
			     rf_roster_name(rf_coordinator_roster(p->coordinator), rank), text);
		rf_precopy_cancel(p, &err);
		return;
	}
	rf_say("rank %s can not be copied while it runs: %s",
	       rf_roster_name(rf_coordinator_roster(p->coordinator), rank), text);
	p->unable = true;
	stop_writing(p);
}

/*
 * Another rank of the host may have looked a page up before the first round began to note what is
 * written to, and have written to it only after that round copied it. Behind the fence all such
 * writes are over, so that one look at everything finds them.
 */
static bool is_verified(const struct rf_precopy *p)
{
	return p->copied.round == 1 && p->fenced;
}

static void start(struct rf_precopy *p)
{
	char body[BODY], number[16];
	struct rf_error err;
	size_t n = 0;
	unsigned i;
	int bad;

	snprintf(number, sizeof(number), "%u", p->copied.round);
	bad = rf_precopy_text(body, sizeof(body), &n, "dir", p->dir) ||
	      rf_precopy_text(body, sizeof(body), &n, "nofsync", "1") ||
	      rf_precopy_text(body, sizeof(body), &n, "round", number);
	if (p->copied.round > 0 && !p->ops->prepare) { /* who prepares knows the base, too */
		snprintf(number, sizeof(number), "%u", p->copied.round - 1);
		bad = bad || rf_precopy_text(body, sizeof(body), &n, "base", p->dir) ||
		      rf_precopy_text(body, sizeof(body), &n, "baseround", number);
	}
	if (p->copied.round > 0)
		bad = bad || rf_precopy_text(body, sizeof(body), &n, "keep", "1");
	if (is_verified(p))
		bad = bad || rf_precopy_text(body, sizeof(body), &n, "sums", "1");
	p->id = rf_coordinator_new_id(p->coordinator);
	p->given = 0;
	p->last_us = rf_clock_us() - p->round_us;
	p->round_us = rf_clock_us();
	for (i = 0; i < p->ranks; i++)
		p->state[i] = p->moves[i] ? ASKED : NONE;
	rf_later(p->timer, RF_PRECOPY_HELD_MS);
	if (bad) {
		rf_error_set(&err, ENAMETOOLONG, "the path %s is too long", p->dir);
		memset(p->state, 0, p->ranks * sizeof(*p->state));
		rf_precopy_cancel(p, &err);
	} else if (rf_coordinator_order(p->coordinator, p->id, RF_STEP_PRECOPY, p->moves, body, n,
					&err) < 0) {
		/* some may have got it: what they write must end before its directory goes */
		rf_precopy_cancel(p, &err);
	}
}

void rf_precopy_ready(struct rf_precopy *p, const struct rf_error *why)
{
	if (!p->preparing)
		return;
	p->preparing = false;
	if (why)
		rf_precopy_cancel(p, why);
	else
		start(p);
}

static void on_go(evutil_socket_t fd, short what, void *data)
{
	struct rf_precopy *p = data;

	(void)fd;
	(void)what;
	p->preparing = true;
	if (p->ops->prepare)
		p->ops->prepare(p->copied.round, p->data);
	else
		rf_precopy_ready(p, NULL);
}

/*
 * This round has copied what was written to since the one before began; while it was copied, the
 * program has gone on at that rate. In the first round that is not known: another one tells.
 */
static bool pays(struct rf_precopy *p, int64_t took_us)
{
	uint64_t next = p->given, rate;

	if (p->copied.round > 0 && p->last_us > 0)
		next = (uint64_t)((double)p->given * (double)took_us / (double)p->last_us);
	/* a small round takes as long as its beginning does, which says nothing of the way */
	if (p->copied.rate > p->best)
		p->best = p->copied.rate;
	rate = p->given < RF_PRECOPY_SMALL ? p->best : p->copied.rate;
	p->copied.rest_us = rate ? next * 1000000 / rate : 0;
	if (p->given < RF_PRECOPY_SMALL || p->copied.round + 1 == RF_PRECOPY_ROUNDS ||
	    rf_clock_us() - p->began_us > (int64_t)p->rounds_ms * 1000)
		return false;
	return p->copied.round == 0 || (double)next < 0.7 * (double)p->given;
}

/* ---- the fence ---- */

static void end_fence(struct rf_precopy *p, bool passed)
{
	p->fence = 0;
	p->fenced = passed;
	event_del(p->timer);
	rf_later(p->go, 0);
}

/* To all ranks that can write into one that moves. */
static void begin_fence(struct rf_precopy *p)
{
	const struct rf_rank *rank = rf_coordinator_roster(p->coordinator)->rank;
	const struct rf_coordinator_keeper *last = NULL;
	struct rf_error err;
	unsigned i, k;

	for (i = 0; i < p->ranks; i++) {
		/* ranks of a host mostly have numbers in a row: each host is looked at once or so
		 */
		if (!p->moves[i] || rank[i].keeper == last)
			continue;
		last = rank[i].keeper;
		for (k = 0; k < p->ranks; k++)
			p->behind[k] = p->behind[k] || rank[k].keeper == last;
	}
	p->fence = rf_coordinator_new_id(p->coordinator);
	rf_later(p->timer, RF_PRECOPY_FENCE_MS);
	if (rf_coordinator_order(p->coordinator, p->fence, RF_STEP_FENCE, p->behind, NULL, 0,
				 &err) < 0)
		end_fence(p, false);
}

/* One that can not pass is no reason to give up: all is compared at last, then. */
static void note_passed(struct rf_precopy *p, const struct rf_report *report)
{
	unsigned i;

	if (report->error) {
		end_fence(p, false);
		return;
	}
	p->behind[report->rank] = false;
	for (i = 0; i < p->ranks && !p->behind[i]; i++)
		;
	if (i == p->ranks)
		end_fence(p, true);
}

static void finish_round(struct rf_precopy *p)
{
	int64_t took_us = rf_clock_us() - p->round_us;

	p->last = (int)p->copied.round;
	p->copied.noted = p->copied.noted || is_verified(p);
	event_del(p->timer);
	if (p->ops->complete(p->copied.round, p->data) < 0)
		return;
	if (!pays(p, took_us)) {
		end(p);
		return;
	}
	p->copied.round++;
	p->copied.done = 0;
	if (p->copied.round == 1)
		begin_fence(p);
	else
		rf_later(p->go, 0);
}

static void note_written(struct rf_precopy *p, unsigned rank, const char *text)
{
	uint64_t given = 0, total = 0;
	int64_t us = rf_clock_us() - p->round_us;

	p->state[rank] = WRITTEN;
	if (rf_precopy_sizes(text, &given, &total) == 0) {
		p->copied.memory += total - p->total[rank];
		p->total[rank] = total;
	}
	p->given += given;
	p->copied.bytes += given;
	p->copied.done++;
	p->copied.rate = us > 0 ? p->given * 1000000 / (uint64_t)us : 0;
	if (!p->why.text[0])
		p->ops->progress(&p->copied, p->data);
}

void rf_precopy_report(struct rf_precopy *p, const struct rf_report *report)
{
	unsigned rank = report->rank;

	if (p->fence && report->id == p->fence && rank < p->ranks)
		note_passed(p, report);
	if (report->id != p->id || rank >= p->ranks ||
	    (p->state[rank] != ASKED && p->state[rank] != HELD))
		return;
	if (report->step == RF_STEP_PRECOPY && !report->error) {
		p->state[rank] = HELD;
		if (count(p, ASKED) == 0 && !p->cancelled)
			rf_later(p->timer, RF_PRECOPY_MS);
		return;
	}
	if (report->step != RF_STEP_PRECOPY && report->step != RF_STEP_WRITTEN)
		return;
	if (report->error)
		p->state[rank] = NONE;
	else
		note_written(p, rank, report->text);
	if (p->why.text[0] || p->unable)
		stop_writing(p);
	else if (report->error)
		fail_round(p, rank, report);
	else if (count(p, ASKED) + count(p, HELD) == 0)
		finish_round(p);
}

void rf_precopy_lost(struct rf_precopy *p, unsigned rank, const char *how)
{
	struct rf_error err;

	if (rank < p->ranks)
		p->state[rank] = NONE;
	rf_error_set(&err, ECANCELED, "rank %s %s",
		     rf_roster_name(rf_coordinator_roster(p->coordinator), rank), how);
	if (p->why.text[0])
		stop_writing(p);
	else
		rf_precopy_cancel(p, &err);
}

static void on_timer(evutil_socket_t fd, short what, void *data)
{
	struct rf_precopy *p = data;

	(void)fd;
	(void)what;
	if (p->fence) {
		end_fence(p, false);
		return;
	}
	if (p->cancelled) { /* it has had its time */
		memset(p->state, 0, p->ranks * sizeof(*p->state));
		end(p);
		return;
	}
	p->unable = true;
	stop_writing(p);
}

const struct rf_copied *rf_precopy_copied(const struct rf_precopy *p)
{
	return &p->copied;
}

struct rf_precopy *rf_precopy_begin(struct event_base *base, struct rf_coordinator *coordinator,
				    const bool *moves, const char *dir, int rounds_ms,
				    const struct rf_precopy_ops *ops, void *data,
				    struct rf_error *err)
{
	struct rf_precopy *p = calloc(1, sizeof(*p));
	unsigned i;

	if (!p)
		goto failed;
	p->base = base;
	p->coordinator = coordinator;
	p->ops = ops;
	p->data = data;
	p->last = -1;
	p->rounds_ms = rounds_ms;
	p->ranks = rf_coordinator_roster(coordinator)->count;
	p->dir = strdup(dir);
	p->moves = calloc(p->ranks, sizeof(*p->moves));
	p->behind = calloc(p->ranks, sizeof(*p->behind));
	p->total = calloc(p->ranks, sizeof(*p->total));
	p->state = calloc(p->ranks, sizeof(*p->state));
	p->go = evtimer_new(base, on_go, p);
	p->timer = evtimer_new(base, on_timer, p);
	if (!p->dir || !p->moves || !p->behind || !p->total || !p->state || !p->go || !p->timer)
		goto failed;
	for (i = 0; i < p->ranks; i++)
		p->copied.of += p->moves[i] = moves[i];
	p->began_us = p->round_us = rf_clock_us();
	rf_later(p->go, 0);
	return p;
failed:
	rf_precopy_destroy(p);
	rf_error_set(err, ENOMEM, "no memory to copy ranks");
	return NULL;
}

void rf_precopy_destroy(struct rf_precopy *p)
{
	if (!p)
		return;
	if (p->go)
		event_free(p->go);
	if (p->timer)
		event_free(p->timer);
	free(p->dir);
	free(p->moves);
	free(p->behind);
	free(p->total);
	free(p->state);
	free(p);
}
