/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "snapshots.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "events.h"
#include "fault.h"
#include "facts.h"
#include "publisher.h"
#include "say.h"
#include "storing.h"
#include "util/clock.h"

struct asked {
	struct rf_snapshot_request request;
	char compress[32];
	void *client; /* NULL: withdrawn */
};

enum phase { QUIESCE, CAPTURE, RESUME, WRITE, PUBLISH, ABANDON, PHASES };

struct rf_snapshots {
	struct event_base *base;
	struct rf_coordinator *coordinator;
	struct rf_snapshots_config config;
	const struct rf_snapshots_ops *ops;
	void *data;
	bool finishing;
	/* what is under way */
	struct asked *now; /* NULL: nothing is */
	enum phase phase;
	bool waiting;	     /* for a fault's time to pass */
	bool resumed;	     /* the ranks go on, or were never stopped */
	struct rf_error why; /* code or text, once it has failed */
	unsigned ranks, captured, written;
	bool *is_captured, *is_written;
	uint32_t id;
	char *partial, *base_path;
	int64_t began_us, stop_us, capture_us, pause_us;
	struct rf_quiesce *quiesce;
	struct rf_publisher *publisher;
	struct event *timer; /* the time for writing, or for a fault */
	struct event *idle;  /* after finish(), from the loop: nothing is under way any more */
	/* what has been taken */
	char *last;
	unsigned since_full;
};

static void enter(struct rf_snapshots *s, enum phase phase);
static void fail(struct rf_snapshots *s, const struct rf_error *why);

static void later(struct event *timer, int ms)
{
	const struct timeval wait = {ms / 1000, ms % 1000 * 1000};

	event_add(timer, &wait);
}

static bool failed(const struct rf_snapshots *s)
{
	return s->why.text[0] != '\0';
}

/* Those that hold their image, and have not said how its file has ended. */
static unsigned writing(const struct rf_snapshots *s)
{
	return s->captured - s->written;
}

static struct rf_events *events(const struct rf_snapshots *s)
{
	return rf_coordinator_events(s->coordinator);
}

static void tell_phase(struct rf_snapshots *s, const char *name, unsigned done, unsigned of)
{
	s->now->request.hearer->phase(name, done, of, s->now->client);
}

/* Ends what is under way; the client has been told. */
static void conclude(struct rf_snapshots *s)
{
	event_del(s->timer);
	rf_quiesce_destroy(s->quiesce);
	s->quiesce = NULL;
	free(s->partial);
	free(s->base_path);
	free(s->is_captured);
	free(s->is_written);
	free(s->now);
	s->partial = s->base_path = NULL;
	s->is_captured = s->is_written = NULL;
	s->now = NULL;
	s->waiting = false;
	s->why = (struct rf_error){0};
	if (s->finishing)
		later(s->idle, 0);
}

static void conclude_failed(struct rf_snapshots *s)
{
	rf_event(events(s), "snapshot.failed", "{s:s}", "why", s->why.text);
	s->now->request.hearer->failed(&s->why, s->now->client);
	conclude(s);
}

static void on_published(const char *path, const struct rf_error *why, void *data)
{
	struct rf_snapshots *s = data;
	struct rf_taken taken;

	s->publisher = NULL;
	if (!path) {
		fail(s, why);
		return;
	}
	taken = (struct rf_taken){.path = path,
				  .base = s->base_path,
				  .ranks = s->ranks,
				  .bytes = rf_storing_bytes(path),
				  .pause_us = s->pause_us,
				  .stop_us = s->stop_us,
				  .capture_us = s->capture_us,
				  .casual = s->now->request.casual};
	free(s->last);
	s->last = strdup(path);
	s->since_full = s->base_path ? s->since_full + 1 : 0;
	rf_event(events(s), "snapshot.done", "{s:s, s:s*, s:i, s:I, s:I}", "path", path, "base",
		 s->base_path, "ranks", (int)s->ranks, "bytes", (json_int_t)taken.bytes, "pause_us",
		 (json_int_t)s->pause_us);
	s->ops->published(&taken, s->data);
	s->now->request.hearer->taken(&taken, s->now->client);
	conclude(s);
}

/* ---- the phases; each begins with a call from the loop or from the phase before ---- */

static void order_capture(struct rf_snapshots *s)
{
	char body[3 * 4096];
	size_t n = rf_facts_order(&s->now->request, s->partial, s->base_path, body, sizeof(body));
	struct rf_error err;

	if (n == 0) {
		rf_error_set(&err, ENAMETOOLONG, "the path %s is too long", s->partial);
		rf_quiesce_cancel(s->quiesce, &err);
		return;
	}
	if (s->now->request.sync) /* it is answered when the file is complete */
		rf_quiesce_deadline(s->quiesce, RF_SNAPSHOT_WRITE_MS);
	rf_quiesce_ask(s->quiesce, RF_STEP_CAPTURE, NULL, body, n);
}

static void order_resume(struct rf_snapshots *s)
{
	rf_quiesce_deadline(s->quiesce, s->now->request.deadline_ms);
	rf_quiesce_ask(s->quiesce, RF_STEP_RESUME, NULL, NULL, 0);
}

static void wait_written(struct rf_snapshots *s)
{
	if (writing(s) == 0)
		enter(s, PUBLISH);
	else
		later(s->timer, RF_SNAPSHOT_WRITE_MS);
}

static void publish(struct rf_snapshots *s)
{
	json_t *extra =
		rf_facts_make(&s->config, rf_coordinator_roster(s->coordinator), s->pause_us);
	struct rf_error err;

	s->publisher =
		rf_publisher_begin(s->base, s->partial, s->ranks, extra, on_published, s, &err);
	json_decref(extra);
	if (!s->publisher)
		fail(s, &err);
}

/* Files that are still being written would come again: so the writers are waited for. */
static void abandon(struct rf_snapshots *s)
{
	struct rf_error err;

	if (writing(s) > 0) {
		later(s->timer, RF_SNAPSHOT_WRITE_MS);
		return;
	}
	if (s->partial && rf_storing_abandon(s->partial, &err) < 0)
		rf_say("an unfinished snapshot is left: %s", err.text);
	conclude_failed(s);
}

static const struct rf_quiesce_ops quiesce_ops;

static void quiesce(struct rf_snapshots *s)
{
	struct rf_error err;

	s->began_us = rf_clock_us();
	s->quiesce = rf_quiesce_begin(s->base, s->id, s->ranks, s->now->request.deadline_ms,
				      &quiesce_ops, s, &err);
	if (!s->quiesce)
		fail(s, &err);
	else
		s->resumed = false;
}

static const struct {
	const char *name;
	void (*go)(struct rf_snapshots *);
} phases[PHASES] = {
	[QUIESCE] = {"quiesce", quiesce},    [CAPTURE] = {"capture", order_capture},
	[RESUME] = {"resume", order_resume}, [WRITE] = {"write", wait_written},
	[PUBLISH] = {"publish", publish},    [ABANDON] = {"abandon", abandon},
};

/* What the environment has in store for tests; returns whether the phase may go on. */
static bool fault(struct rf_snapshots *s)
{
	struct rf_error err;

	switch (rf_fault_next(phases[s->phase].name)) {
	case RF_FAULT_FAIL:
		rf_error_set(&err, EIO, "RANKFERRY_FAULT in phase %s", phases[s->phase].name);
		fail(s, &err);
		return false;
	case RF_FAULT_WAIT:
		s->waiting = true;
		later(s->timer, RF_FAULT_WAIT_MS);
		return false;
	case RF_FAULT_KILL:
		kill(getpid(), SIGKILL);
		return false;
	case RF_FAULT_NONE:
		break;
	}
	return true;
}

static void enter(struct rf_snapshots *s, enum phase phase)
{
	s->phase = phase;
	event_del(s->timer);
	rf_event(events(s), "snapshot.phase", "{s:s}", "phase", phases[phase].name);
	tell_phase(s, phases[phase].name, phase == WRITE ? s->written : 0,
		   phase == WRITE ? s->ranks : 0);
	if (fault(s))
		phases[phase].go(s);
}

/* Whatever is wrong: the ranks go on, files that are being written come to their end, and go. */
static void fail(struct rf_snapshots *s, const struct rf_error *why)
{
	if (!failed(s)) {
		s->why = *why;
		if (!failed(s))
			strcpy(s->why.text, "it has failed");
	}
	s->waiting = false;
	rf_publisher_destroy(s->publisher);
	s->publisher = NULL;
	if (!s->resumed)
		rf_quiesce_cancel(s->quiesce, &s->why); /* on_over() follows */
	else if (s->phase != ABANDON)
		enter(s, ABANDON);
}

static void on_reached(enum rf_step step, void *data)
{
	struct rf_snapshots *s = data;

	if (failed(s))
		return;
	if (step == RF_STEP_STOP) {
		s->stop_us = rf_clock_us() - s->began_us;
		enter(s, CAPTURE);
	} else {
		s->capture_us = rf_clock_us() - s->began_us - s->stop_us;
		enter(s, RESUME);
	}
}

static void on_over(const struct rf_error *why, void *data)
{
	struct rf_snapshots *s = data;

	s->resumed = true;
	s->pause_us = rf_clock_us() - s->began_us;
	rf_quiesce_destroy(s->quiesce);
	s->quiesce = NULL;
	if (why)
		fail(s, why);
	else
		enter(s, failed(s) ? ABANDON : WRITE);
}

static int give_order(uint32_t id, enum rf_step step, const bool *who, const void *body,
		      size_t size, void *data, struct rf_error *err)
{
	struct rf_snapshots *s = data;

	if (step == RF_STEP_STOP)
		tell_phase(s, "drain", 0, 0);
	return rf_coordinator_order(s->coordinator, id, step, who, body, size, err);
}

static const char *name(unsigned rank, void *data)
{
	struct rf_snapshots *s = data;

	return rf_roster_name(rf_coordinator_roster(s->coordinator), rank);
}

static const struct rf_quiesce_ops quiesce_ops = {
	.order = give_order, .reached = on_reached, .over = on_over, .name = name};

/* ---- what comes ---- */

/* A rank's file is complete, or `why` says that it never will be. */
static void note_written(struct rf_snapshots *s, unsigned rank, const struct rf_error *why)
{
	if (s->is_written[rank])
		return;
	if (!s->is_captured[rank]) {
		s->is_captured[rank] = true;
		s->captured++;
	}
	s->is_written[rank] = true;
	s->written++;
	if (why)
		fail(s, why);
	else if (s->phase == WRITE && !s->waiting) {
		tell_phase(s, phases[WRITE].name, s->written, s->ranks);
		wait_written(s);
	}
	if (s->now && s->phase == ABANDON && writing(s) == 0 && s->resumed)
		abandon(s);
}

void rf_snapshots_report(struct rf_snapshots *s, const struct rf_report *report)
{
	struct rf_error err;

	if (!s->now || report->id != s->id || report->rank >= s->ranks || !s->is_captured)
		return;
	if (report->step == RF_STEP_WRITTEN) {
		rf_error_set(&err, report->error, "rank %s: %s", name(report->rank, s),
			     report->text);
		note_written(s, report->rank, report->error ? &err : NULL);
		return;
	}
	if (report->step == RF_STEP_CAPTURE && !report->error && !s->is_captured[report->rank]) {
		s->is_captured[report->rank] = true;
		s->captured++;
	}
	if (s->quiesce)
		rf_quiesce_report(s->quiesce, report);
}

void rf_snapshots_rank_lost(struct rf_snapshots *s, unsigned rank, const char *how)
{
	const struct rf_roster *roster = rf_coordinator_roster(s->coordinator);
	struct rf_error err;

	if (!s->now || rank >= s->ranks)
		return;
	if (s->quiesce)
		rf_quiesce_lost(s->quiesce, rank, how);
	/* without its keeper nobody says how its file ends */
	if (s->now && s->is_captured[rank] && rank < roster->count && !roster->rank[rank].keeper) {
		rf_error_set(&err, ENOTCONN, "rank %s %s", name(rank, s), how);
		note_written(s, rank, &err);
	}
}

static void on_timer(evutil_socket_t fd, short what, void *data)
{
	struct rf_snapshots *s = data;
	struct rf_error err;
	unsigned r;

	(void)fd;
	(void)what;
	if (s->waiting) {
		s->waiting = false;
		phases[s->phase].go(s);
		return;
	}
	for (r = 0; r < s->ranks; r++)
		if (s->is_captured[r] && !s->is_written[r])
			break;
	rf_error_set(&err, ETIMEDOUT, "rank %s has not written its file within %d minutes",
		     name(r, s), RF_SNAPSHOT_WRITE_MS / 60000);
	s->written = s->captured; /* waited for no longer */
	if (s->phase == ABANDON)
		abandon(s);
	else
		fail(s, &err);
}

/* ---- one at a time ---- */

static int prepare(struct rf_snapshots *s, struct rf_error *err)
{
	const struct rf_roster *roster = rf_coordinator_roster(s->coordinator);

	if (s->finishing)
		return rf_error_set(err, ECANCELED, "the job has ended");
	if (rf_roster_check(roster, err) < 0)
		return -1;
	s->ranks = roster->count;
	s->is_captured = calloc(s->ranks, sizeof(*s->is_captured));
	s->is_written = calloc(s->ranks, sizeof(*s->is_written));
	if (!s->is_captured || !s->is_written)
		return rf_error_set(err, ENOMEM, "no memory for a snapshot");
	s->id = rf_coordinator_new_id(s->coordinator);
	s->partial = rf_storing_begin(s->config.store, s->config.job, err);
	if (!s->partial)
		return -1;
	if (s->last && !s->now->request.full && s->since_full + 1 < RF_SNAPSHOT_FULL_EVERY &&
	    rf_storing_readable(s->last))
		s->base_path = strdup(s->last);
	return 0;
}

static void on_idle(evutil_socket_t fd, short what, void *data)
{
	struct rf_snapshots *s = data;

	(void)fd;
	(void)what;
	s->ops->idle(s->data);
}

void rf_snapshots_begin(struct rf_snapshots *s, const struct rf_snapshot_request *request,
			void *client)
{
	struct asked *asked = s->now ? NULL : calloc(1, sizeof(*asked));
	struct rf_error err;

	if (!asked) {
		rf_error_set(&err, s->now ? EBUSY : ENOMEM, "%s",
			     s->now ? "another snapshot is being taken"
				    : "no memory for a snapshot");
		request->hearer->failed(&err, client);
		return;
	}
	asked->client = client;
	asked->request = *request;
	if (request->compress) {
		snprintf(asked->compress, sizeof(asked->compress), "%s", request->compress);
		asked->request.compress = asked->compress;
	}
	s->now = asked;
	s->captured = s->written = 0;
	s->resumed = true;
	s->phase = QUIESCE;
	rf_event(events(s), "snapshot.begin", "{s:b, s:b}", "sync", s->now->request.sync, "full",
		 s->now->request.full);
	if (prepare(s, &s->why) < 0)
		conclude_failed(s);
	else
		enter(s, QUIESCE);
}

void rf_snapshots_withdraw(struct rf_snapshots *s, const void *client)
{
	struct rf_error err;

	if (!s->now || s->now->client != client)
		return;
	rf_error_set(&err, ECANCELED, "cancelled; the job goes on");
	fail(s, &err);
}

bool rf_snapshots_finish(struct rf_snapshots *s)
{
	struct rf_error err;

	s->finishing = true;
	if (s->now && s->now->request.casual && s->resumed)
		return false;
	if (s->now && !s->resumed) {
		rf_error_set(&err, ECANCELED, "the job has ended");
		fail(s, &err);
	}
	return s->now || event_pending(s->idle, EV_TIMEOUT, NULL);
}

const char *rf_snapshots_phase(const struct rf_snapshots *s)
{
	return s->now ? phases[s->phase].name : "idle";
}

const char *rf_snapshots_last(const struct rf_snapshots *s)
{
	return s->last;
}

struct rf_snapshots *rf_snapshots_create(struct event_base *base,
					 struct rf_coordinator *coordinator,
					 const struct rf_snapshots_config *config,
					 const struct rf_snapshots_ops *ops, void *data,
					 struct rf_error *err)
{
	struct rf_snapshots *s = calloc(1, sizeof(*s));

	if (!s)
		goto failed;
	s->base = base;
	s->coordinator = coordinator;
	s->config = *config;
	s->ops = ops;
	s->data = data;
	s->timer = evtimer_new(base, on_timer, s);
	s->idle = evtimer_new(base, on_idle, s);
	if (s->timer && s->idle)
		return s;
failed:
	rf_error_set(err, ENOMEM, "no memory to take snapshots");
	rf_snapshots_destroy(s);
	return NULL;
}

void rf_snapshots_destroy(struct rf_snapshots *s)
{
	if (!s)
		return;
	if (s->now) {
		rf_publisher_destroy(s->publisher);
		if (s->partial)
			rf_storing_abandon(s->partial, NULL);
		if (!failed(s))
			rf_error_set(&s->why, ECANCELED, "the job has ended");
		conclude_failed(s);
	}
	if (s->timer)
		event_free(s->timer);
	if (s->idle)
		event_free(s->idle);
	free(s->last);
	free(s);
}
