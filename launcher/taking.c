/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "taking.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "berth.h"
#include "events.h"
#include "fault.h"
#include "facts.h"
#include "precopy.h"
#include "publisher.h"
#include "say.h"
#include "shelf.h"
#include "storing.h"
#include "timer.h"
#include "util/clock.h"

struct asked {
	struct rf_snapshot_request request;
	char compress[32];
	void *client; /* NULL: withdrawn */
};

enum phase { QUIESCE, CAPTURE, RESUME, WRITE, STORE, PUBLISH, ABANDON, PHASES };

struct rf_taking {
	struct event_base *base;
	struct rf_coordinator *coordinator;
	const struct rf_snapshots_config *config;
	const struct rf_taking_ops *ops;
	void *data;
	/* the one that is under way */
	struct asked *now; /* NULL: none is */
	enum phase phase;
	bool waiting;	     /* for a fault's time to pass */
	bool resumed;	     /* the ranks go on, or were never stopped */
	struct rf_error why; /* code or text, once it has failed */
	unsigned ranks, captured, written;
	bool *is_captured, *is_written;
	uint32_t id;
	struct rf_berth berth;
	bool *is_storing; /* whose files are copied from their hosts to the store */
	unsigned storing;
	int64_t bytes; /* written */
	int64_t began_us, stop_us, capture_us, pause_us;
	struct rf_quiesce *quiesce;
	struct rf_publisher *publisher;
	struct event *timer; /* the time for writing, or for a fault */
};

static void enter(struct rf_taking *t, enum phase phase);
static void fail(struct rf_taking *t, const struct rf_error *why);

static bool failed(const struct rf_taking *t)
{
	return t->why.text[0] != '\0';
}

/* Those that hold their image, and have not said how its file has ended. */
static unsigned writing(const struct rf_taking *t)
{
	return t->captured - t->written;
}

static struct rf_events *events(const struct rf_taking *t)
{
	return rf_coordinator_events(t->coordinator);
}

static void tell_phase(struct rf_taking *t, const char *name, unsigned done, unsigned of)
{
	t->now->request.hearer->phase(name, done, of, t->now->client);
}

/* The last thing that is done for it; the client has been told. */
static void conclude(struct rf_taking *t)
{
	event_del(t->timer);
	rf_quiesce_destroy(t->quiesce);
	t->quiesce = NULL;
	rf_berth_clear(&t->berth);
	free(t->is_captured);
	free(t->is_written);
	free(t->is_storing);
	free(t->now);
	t->is_captured = t->is_written = t->is_storing = NULL;
	t->now = NULL;
	t->waiting = false;
	t->why = (struct rf_error){0};
}

static void conclude_failed(struct rf_taking *t)
{
	rf_event(events(t), "snapshot.failed", "{s:s}", "why", t->why.text);
	t->now->request.hearer->failed(&t->why, t->now->client);
	conclude(t);
	t->ops->ended(t->data);
}

static void complete(struct rf_taking *t, const char *path, int64_t bytes)
{
	struct rf_taken taken;

	taken = (struct rf_taken){.path = path,
				  .base = t->berth.base,
				  .ranks = t->ranks,
				  .bytes = bytes,
				  .pause_us = t->pause_us,
				  .stop_us = t->stop_us,
				  .capture_us = t->capture_us,
				  .casual = t->now->request.casual,
				  .stop = t->now->request.stop};
	rf_event(events(t), "snapshot.done", "{s:s, s:s*, s:i, s:I, s:I}", "path", path, "base",
		 t->berth.base, "ranks", (int)t->ranks, "bytes", (json_int_t)taken.bytes,
		 "pause_us", (json_int_t)t->pause_us);
	t->ops->published(&taken, t->data);
	t->now->request.hearer->taken(&taken, t->now->client);
	conclude(t);
	t->ops->ended(t->data);
}

static void on_published(const char *path, const struct rf_error *why, void *data)
{
	struct rf_taking *t = data;

	t->publisher = NULL;
	if (!path) {
		fail(t, why);
		return;
	}
	if (t->config->shelf)
		rf_shelf_stored(t->config->shelf, t->berth.number);
	complete(t, path, rf_storing_bytes(path));
}

/* ---- the phases; each begins with a call from the loop or from the phase before ---- */

static void order_capture(struct rf_taking *t)
{
	char body[3 * 4096];
	size_t n = rf_facts_order(&t->now->request, t->berth.dir, t->berth.base_dir, body,
				  sizeof(body));
	struct rf_error err;

	if (n == 0) {
		rf_error_set(&err, ENAMETOOLONG, "the path %s is too long", t->berth.dir);
		rf_quiesce_cancel(t->quiesce, &err);
		return;
	}
	if (t->now->request.sync) /* it is answered when the file is complete */
		rf_quiesce_deadline(t->quiesce, RF_SNAPSHOT_WRITE_MS);
	rf_quiesce_ask(t->quiesce, RF_STEP_CAPTURE, NULL, body, n);
}

static void order_resume(struct rf_taking *t)
{
	rf_quiesce_deadline(t->quiesce, t->now->request.deadline_ms);
	rf_quiesce_ask(t->quiesce, RF_STEP_RESUME, NULL, NULL, 0);
}

static void wait_written(struct rf_taking *t)
{
	if (writing(t) == 0)
		enter(t, t->config->shelf ? STORE : PUBLISH);
	else
		rf_later(t->timer, RF_SNAPSHOT_WRITE_MS);
}

/* From here on the job can go back to it, if its hosts are all there. */
static void store(struct rf_taking *t)
{
	const struct rf_roster *roster = rf_coordinator_roster(t->coordinator);
	struct rf_error err;
	unsigned r;

	if (rf_berth_written(&t->berth, t->config, roster, &err) < 0) {
		fail(t, &err);
		return;
	}
	rf_event(events(t), "snapshot.local", "{s:s}", "path", t->berth.dir);
	if (!t->berth.partial) {
		complete(t, t->berth.dir, t->bytes);
		return;
	}
	for (r = 0; r < t->ranks; r++)
		t->is_storing[r] = true;
	t->storing = t->ranks;
	rf_later(t->timer, RF_SNAPSHOT_WRITE_MS);
	if (rf_coordinator_store(t->coordinator, t->id, t->berth.dir, t->berth.partial, &err) < 0)
		fail(t, &err);
}

static void publish(struct rf_taking *t)
{
	json_t *extra =
		rf_facts_make(t->config, rf_coordinator_roster(t->coordinator), t->pause_us);
	struct rf_error err;

	t->publisher = rf_publisher_begin(t->base, t->berth.partial, t->ranks, extra, on_published,
					  t, &err);
	json_decref(extra);
	if (!t->publisher)
		fail(t, &err);
}

/* Files that are still being written would come again: so the writers are waited for. */
static void abandon(struct rf_taking *t)
{
	struct rf_error err;

	if (writing(t) > 0 || t->storing > 0) {
		rf_later(t->timer, RF_SNAPSHOT_WRITE_MS);
		return;
	}
	if (t->berth.partial && rf_storing_abandon(t->berth.partial, &err) < 0)
		rf_say("an unfinished snapshot is left: %s", err.text);
	conclude_failed(t);
}

static const struct rf_quiesce_ops quiesce_ops;

static void quiesce(struct rf_taking *t)
{
	struct rf_error err;

	t->began_us = rf_clock_us();
	t->quiesce = rf_quiesce_begin(t->base, t->id, t->ranks, t->now->request.deadline_ms,
				      &quiesce_ops, t, &err);
	if (!t->quiesce)
		fail(t, &err);
	else
		t->resumed = false;
}

static const struct {
	const char *name;
	void (*go)(struct rf_taking *);
} phases[PHASES] = {
	[QUIESCE] = {"quiesce", quiesce},    [CAPTURE] = {"capture", order_capture},
	[RESUME] = {"resume", order_resume}, [WRITE] = {"write", wait_written},
	[STORE] = {"store", store},	     [PUBLISH] = {"publish", publish},
	[ABANDON] = {"abandon", abandon},
};

/* What the environment has in store for tests; returns whether the phase may go on. */
static bool fault(struct rf_taking *t)
{
	struct rf_error err;

	switch (rf_fault_next(phases[t->phase].name)) {
	case RF_FAULT_FAIL:
		rf_error_set(&err, EIO, "RANKFERRY_FAULT in phase %s", phases[t->phase].name);
		fail(t, &err);
		return false;
	case RF_FAULT_WAIT:
		t->waiting = true;
		rf_later(t->timer, RF_FAULT_WAIT_MS);
		return false;
	case RF_FAULT_STOP:
		rf_fault_stop();
		break;
	case RF_FAULT_KILL:
		kill(getpid(), SIGKILL);
		return false;
	case RF_FAULT_NONE:
		break;
	}
	return true;
}

static void enter(struct rf_taking *t, enum phase phase)
{
	t->phase = phase;
	event_del(t->timer);
	rf_event(events(t), "snapshot.phase", "{s:s}", "phase", phases[phase].name);
	tell_phase(t, phases[phase].name, phase == WRITE ? t->written : 0,
		   phase == WRITE ? t->ranks : 0);
	if (fault(t))
		phases[phase].go(t);
}

/* Whatever is wrong: the ranks go on, files that are being written come to their end, and go. */
static void fail(struct rf_taking *t, const struct rf_error *why)
{
	if (!failed(t)) {
		t->why = *why;
		if (!failed(t))
			strcpy(t->why.text, "it has failed");
	}
	t->waiting = false;
	if (t->storing > 0)
		rf_coordinator_unstore(t->coordinator, t->id);
	rf_publisher_destroy(t->publisher);
	t->publisher = NULL;
	if (!t->resumed)
		rf_quiesce_cancel(t->quiesce, &t->why); /* on_over() follows */
	else if (t->phase != ABANDON)
		enter(t, ABANDON);
}

static void on_reached(enum rf_step step, void *data)
{
	struct rf_taking *t = data;

	if (failed(t))
		return;
	if (step == RF_STEP_STOP) {
		t->stop_us = rf_clock_us() - t->began_us;
		enter(t, CAPTURE);
	} else {
		t->capture_us = rf_clock_us() - t->began_us - t->stop_us;
		enter(t, t->now->request.stop ? WRITE : RESUME);
	}
}

static void on_over(const struct rf_error *why, void *data)
{
	struct rf_taking *t = data;

	t->resumed = true;
	t->pause_us = rf_clock_us() - t->began_us;
	rf_quiesce_destroy(t->quiesce);
	t->quiesce = NULL;
	if (why)
		fail(t, why);
	else
		enter(t, failed(t) ? ABANDON : WRITE);
}

static int give_order(uint32_t id, enum rf_step step, const bool *who, const void *body,
		      size_t size, void *data, struct rf_error *err)
{
	struct rf_taking *t = data;

	if (step == RF_STEP_STOP)
		tell_phase(t, "drain", 0, 0);
	return rf_coordinator_order(t->coordinator, id, step, who, body, size, err);
}

static const char *name(unsigned rank, void *data)
{
	struct rf_taking *t = data;

	return rf_roster_name(rf_coordinator_roster(t->coordinator), rank);
}

static const struct rf_quiesce_ops quiesce_ops = {
	.order = give_order, .reached = on_reached, .over = on_over, .name = name};

/* ---- what comes ---- */

/* A rank's file is complete, or `why` says that it never will be. */
static void note_written(struct rf_taking *t, unsigned rank, const struct rf_error *why)
{
	if (t->is_written[rank])
		return;
	if (!t->is_captured[rank]) {
		t->is_captured[rank] = true;
		t->captured++;
	}
	t->is_written[rank] = true;
	t->written++;
	if (why)
		fail(t, why);
	else if (t->phase == WRITE && !t->waiting) {
		tell_phase(t, phases[WRITE].name, t->written, t->ranks);
		wait_written(t);
	}
	if (t->now && t->phase == ABANDON && writing(t) == 0 && t->resumed)
		abandon(t);
}

/* A rank's file is in the store, or never will be; or has no place on its host. */
static void note_stored(struct rf_taking *t, unsigned rank, const struct rf_error *why)
{
	if (t->is_storing[rank]) {
		t->is_storing[rank] = false;
		t->storing--;
	}
	if (t->phase == ABANDON)
		abandon(t);
	else if (why)
		fail(t, why);
	else if (t->phase == STORE && t->storing == 0)
		enter(t, PUBLISH);
	else
		tell_phase(t, phases[STORE].name, t->ranks - t->storing, t->ranks);
}

void rf_taking_report(struct rf_taking *t, const struct rf_report *report)
{
	uint64_t given, total;
	struct rf_error err;

	if (!t->now || report->id != t->id || report->rank >= t->ranks || !t->is_captured)
		return;
	rf_error_set(&err, report->error, "rank %s: %s", name(report->rank, t), report->text);
	if (report->step == RF_STEP_STORED) {
		note_stored(t, report->rank, report->error ? &err : NULL);
		return;
	}
	if (report->step == RF_STEP_WRITTEN) {
		if (rf_precopy_sizes(report->text, &given, &total) == 0)
			t->bytes += (int64_t)given;
		note_written(t, report->rank, report->error ? &err : NULL);
		return;
	}
	if (report->step == RF_STEP_CAPTURE && !report->error && !t->is_captured[report->rank]) {
		t->is_captured[report->rank] = true;
		t->captured++;
	}
	if (t->quiesce)
		rf_quiesce_report(t->quiesce, report);
}

void rf_taking_rank_lost(struct rf_taking *t, unsigned rank, const char *how)
{
	const struct rf_roster *roster = rf_coordinator_roster(t->coordinator);
	struct rf_error err;

	if (!t->now || rank >= t->ranks)
		return;
	if (t->quiesce)
		rf_quiesce_lost(t->quiesce, rank, how);
	/* without its keeper nobody says how its file ends */
	if (t->now && t->is_captured[rank] && rank < roster->count && !roster->rank[rank].keeper) {
		rf_error_set(&err, ENOTCONN, "rank %s %s", name(rank, t), how);
		note_written(t, rank, &err);
	}
	if (t->now && t->is_storing[rank] && rank < roster->count && !roster->rank[rank].keeper) {
		rf_error_set(&err, ENOTCONN, "rank %s %s", name(rank, t), how);
		note_stored(t, rank, &err);
	}
}

static void on_timer(evutil_socket_t fd, short what, void *data)
{
	struct rf_taking *t = data;
	struct rf_error err;
	unsigned r;

	(void)fd;
	(void)what;
	if (t->waiting) {
		t->waiting = false;
		phases[t->phase].go(t);
		return;
	}
	for (r = 0; r < t->ranks; r++)
		if ((t->is_captured[r] && !t->is_written[r]) || t->is_storing[r])
			break;
	rf_error_set(&err, ETIMEDOUT, "the file of rank %s was not written within %d minutes",
		     name(r, t), RF_SNAPSHOT_WRITE_MS / 60000);
	t->written = t->captured; /* waited for no longer */
	t->storing = 0;
	if (t->phase == ABANDON)
		abandon(t);
	else
		fail(t, &err);
}

/* ---- from outside ---- */

static int prepare(struct rf_taking *t, const char *base_path, struct rf_error *err)
{
	const struct rf_roster *roster = rf_coordinator_roster(t->coordinator);

	if (rf_roster_check(roster, err) < 0)
		return -1;
	if (t->now->request.stop && t->config->shelf && !rf_shelf_is_global(t->config->shelf))
		return rf_error_set(err, EINVAL,
				    "the job can not be stopped at a snapshot: its policy keeps "
				    "them on the hosts only, from where they go with it "
				    "(snapshot.store)");
	t->ranks = roster->count;
	t->is_captured = calloc(t->ranks, sizeof(*t->is_captured));
	t->is_written = calloc(t->ranks, sizeof(*t->is_written));
	t->is_storing = calloc(t->ranks, sizeof(*t->is_storing));
	if (!t->is_captured || !t->is_written || !t->is_storing)
		return rf_error_set(err, ENOMEM, "no memory for a snapshot");
	t->id = rf_coordinator_new_id(t->coordinator);
	return rf_berth_begin(&t->berth, t->config, t->coordinator, t->id, base_path, err);
}

void rf_taking_begin(struct rf_taking *t, const struct rf_snapshot_request *request,
		     const char *base_path, void *client)
{
	struct asked *asked = t->now ? NULL : calloc(1, sizeof(*asked));
	struct rf_error err;

	if (!asked) {
		rf_error_set(&err, t->now ? EBUSY : ENOMEM, "%s",
			     t->now ? "another snapshot is being taken"
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
	t->now = asked;
	t->captured = t->written = t->storing = 0;
	t->bytes = 0;
	t->resumed = true;
	t->phase = QUIESCE;
	rf_event(events(t), "snapshot.begin", "{s:b, s:b}", "sync", t->now->request.sync, "full",
		 t->now->request.full);
	if (prepare(t, base_path, &t->why) < 0)
		abandon(t);
	else
		enter(t, QUIESCE);
}

void rf_taking_cancel(struct rf_taking *t, const struct rf_error *why)
{
	if (t->now)
		fail(t, why);
}

bool rf_taking_stands(const struct rf_taking *t)
{
	return t->now && !t->resumed;
}

const struct rf_snapshot_request *rf_taking_request(const struct rf_taking *t, const void **client)
{
	if (t->now && client)
		*client = t->now->client;
	return t->now ? &t->now->request : NULL;
}

const char *rf_taking_phase(const struct rf_taking *t)
{
	return t->now ? phases[t->phase].name : "idle";
}

struct rf_taking *rf_taking_create(struct event_base *base, struct rf_coordinator *coordinator,
				   const struct rf_snapshots_config *config,
				   const struct rf_taking_ops *ops, void *data,
				   struct rf_error *err)
{
	struct rf_taking *t = calloc(1, sizeof(*t));

	if (!t)
		goto failed;
	t->base = base;
	t->coordinator = coordinator;
	t->config = config;
	t->ops = ops;
	t->data = data;
	t->timer = evtimer_new(base, on_timer, t);
	if (t->timer)
		return t;
failed:
	free(t);
	rf_error_set(err, ENOMEM, "no memory to take snapshots");
	return NULL;
}

void rf_taking_destroy(struct rf_taking *t)
{
	if (!t)
		return;
	if (t->now) {
		rf_publisher_destroy(t->publisher);
		if (t->berth.partial)
			rf_storing_abandon(t->berth.partial, NULL);
		if (!failed(t))
			rf_error_set(&t->why, ECANCELED, "the job has ended");
		conclude_failed(t);
	}
	event_free(t->timer);
	free(t);
}
