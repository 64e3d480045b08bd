/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "moves.h"
#include "moves_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "events.h"
#include "fault.h"
#include "generation.h"
#include "planning.h"
#include "say.h"
#include "timer.h"
#include "util/clock.h"

static const char *const names[] = {
	[PLAN] = "plan",       [LAUNCH] = "launch",   [PREPARE] = "prepare", [PRECOPY] = "precopy",
	[QUIESCE] = "quiesce", [CAPTURE] = "capture", [SWITCH] = "switch",   [COMMIT] = "commit",
	[RESUME] = "resume",   [LEAVE] = "leave",     [RELEASE] = "release",
};

void rf_moves_later(struct rf_moves *m, int ms)
{
	rf_later(m->timer, ms);
}

static struct rf_events *events(const struct rf_moves *m)
{
	return rf_coordinator_events(m->coordinator);
}

static const char *name(const struct rf_moves *m, unsigned rank)
{
	return rf_roster_name(rf_coordinator_roster(m->coordinator), rank);
}

static void on_fault(evutil_socket_t fd, short what, void *data)
{
	struct rf_moves *m = data;
	struct rf_error err;

	(void)fd;
	(void)what;
	rf_error_set(&err, EIO, "RANKFERRY_FAULT in phase %s", m->phase ? names[m->phase] : "idle");
	rf_moves_fail(m, &err);
}

void rf_moves_enter(struct rf_moves *m, enum rf_moves_phase phase)
{
	m->phase = phase;
	event_del(m->timer);
	rf_event(events(m), "move.phase", "{s:s}", "phase", names[phase]);
	if (m->client && names[phase])
		m->hearer->phase(names[phase], m->client);
	/* RESUME has a way of its own: what was sent before it must not wait */
	if (phase != RESUME && rf_fault_meet("move", names[phase]))
		event_base_once(m->base, -1, EV_TIMEOUT, on_fault, m, NULL);
}

/* Nothing is under way any more; the client has been told. */
static void conclude(struct rf_moves *m)
{
	event_del(m->timer);
	rf_quiesce_destroy(m->quiesce);
	m->quiesce = NULL;
	rf_copying_destroy(m->copying);
	m->copying = NULL;
	rf_plan_destroy(m->plan);
	m->plan = NULL;
	free(m->unready);
	free(m->unclear);
	m->unready = m->unclear = NULL;
	m->client = NULL;
	m->phase = IDLE;
	m->old_over = false;
	m->why = (struct rf_error){0};
}

/* Calls `each` once for every host that ranks go to. */
static void each_target(struct rf_moves *m, void (*each)(struct rf_moves *m, const char *host))
{
	struct rf_hostlist *list = rf_hostlist_create();
	const char *host;
	unsigned i;

	for (i = 0; list && i < m->plan->ranks; i++)
		if (m->plan->moves[i])
			rf_hostlist_add(list, m->plan->host[i], NULL);
	for (host = rf_hostlist_first(list); host; host = rf_hostlist_next(list, host))
		each(m, host);
	rf_hostlist_destroy(list);
}

static void distrust(struct rf_moves *m, const char *host)
{
	rf_shunned_failed(m->shunned, host, rf_clock_ms());
}

static void trust(struct rf_moves *m, const char *host)
{
	rf_shunned_reached(m->shunned, host);
}

/* It may be a target's fault; that ranks do not stop is none. */
static void blame(struct rf_moves *m)
{
	static const bool suspect[] = {[LAUNCH] = true, [PREPARE] = true, [PRECOPY] = true,
				       [SWITCH] = true, [COMMIT] = true,  [RELEASE] = false};

	if (suspect[m->phase] && m->why.code != ECANCELED && m->why.code != EBUSY &&
	    m->why.code != EAGAIN)
		each_target(m, distrust);
}

void rf_moves_give_up(struct rf_moves *m)
{
	struct rf_error err;

	blame(m);
	/* its mpirun first, which would print much about ranks and slots that end */
	m->ops->abandon(m->phase >= PREPARE, m->data);
	/* from QUIESCE on they have been told */
	if ((m->phase == PREPARE || m->phase == PRECOPY) &&
	    rf_coordinator_order(m->coordinator, m->id, RF_STEP_CANCEL, NULL, NULL, 0, &err) < 0)
		rf_say("%s", err.text);
	rf_coordinator_dismiss(m->coordinator);
	rf_coordinator_release(m->coordinator); /* a host that got nothing is not the job's */
	rf_event(events(m), "move.failed", "{s:s, s:s}", "why", m->why.text, "phase",
		 names[m->phase]);
	if (m->client)
		m->hearer->failed(&m->why, m->client);
	conclude(m);
}

/* Before RESUME: the job goes on as it was. */
void rf_moves_fail(struct rf_moves *m, const struct rf_error *why)
{
	if (m->phase == IDLE || m->phase >= RESUME || m->why.text[0])
		return;
	m->why = *why;
	if (!m->why.text[0])
		strcpy(m->why.text, "it has failed");
	if (m->quiesce)
		rf_quiesce_cancel(m->quiesce, &m->why); /* on_over() follows */
	else if (m->phase == PRECOPY && m->copying)
		rf_copying_cancel(m->copying, &m->why); /* on_copied() follows */
	else
		rf_moves_give_up(m);
}

/* They have moved, and something may not be as it shall be: `why`. */
static void finish(struct rf_moves *m)
{
	const int64_t *reached = m->reached_us;
	const struct rf_error *but = m->why.text[0] ? &m->why : NULL;
	const struct rf_moved moved = {
		.generation = m->generation,
		.ranks = m->plan->moving,
		.pause_us = m->pause_us,
		.stop_us = reached[RF_STEP_STOP] - m->stopped_us,
		.capture_us = reached[RF_STEP_CAPTURE] - reached[RF_STEP_STOP],
		.switch_us = reached[RF_STEP_SWITCH] - reached[RF_STEP_CAPTURE],
		.duration_us = rf_clock_us() - m->began_us,
		.bytes = m->bytes,
		.but = but,
	};

	if (but)
		rf_event(events(m), "move.failed", "{s:s, s:s, s:i}", "why", but->text, "phase",
			 names[m->phase], "generation", m->generation);
	else
		rf_event(events(m), "move.done",
			 "{s:i, s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b}", "generation",
			 m->generation, "ranks", (int)moved.ranks, "pause_us",
			 (json_int_t)moved.pause_us, "stop_us", (json_int_t)moved.stop_us,
			 "capture_us", (json_int_t)moved.capture_us, "switch_us",
			 (json_int_t)moved.switch_us, "duration_us", (json_int_t)moved.duration_us,
			 "memory_bytes", (json_int_t)moved.bytes.memory, "copied_bytes",
			 (json_int_t)moved.bytes.copied, "last_bytes", (json_int_t)moved.bytes.last,
			 "noted", moved.bytes.noted);
	if (m->client)
		m->hearer->moved(&moved, m->client);
	conclude(m);
}

static void release(struct rf_moves *m)
{
	rf_moves_enter(m, RELEASE);
	if (rf_coordinator_release(m->coordinator) == 0)
		finish(m);
	else
		rf_moves_later(m, RF_MOVE_RELEASE_MS);
}

void rf_moves_settle(struct rf_moves *m, const struct rf_error *why)
{
	each_target(m, trust);
	if (why)
		rf_error_set(&m->why, why->code, "the ranks have moved, but: %s", why->text);
	m->pause_us = rf_clock_us() - m->stopped_us;
	m->generation = m->tried;
	rf_moves_enter(m, LEAVE);
	m->bytes = rf_copying_sizes(m->copying);
	rf_copying_destroy(m->copying);
	m->copying = NULL;
	rf_moves_later(m, RF_MOVE_LEAVE_MS);
	rf_moves_ask_for_clear(m);
	if (m->old_over)
		release(m);
}

static void on_progress(const struct rf_copied *copied, void *data)
{
	struct rf_moves *m = data;

	if (m->client && m->hearer->copied)
		m->hearer->copied(copied, m->client);
}

static void on_copied(const struct rf_error *why, void *data)
{
	struct rf_moves *m = data;

	if (why && !m->why.text[0])
		m->why = *why;
	if (m->why.text[0])
		rf_moves_give_up(m);
	else
		rf_moves_quiesce(m);
}

void rf_moves_precopy(struct rf_moves *m)
{
	static const struct rf_copying_ops ops = {on_progress, on_copied};
	struct rf_error err;

	rf_moves_enter(m, PRECOPY);
	rf_moves_later(m, rf_moves_time_left(m, RF_PRECOPY_MS));
	m->way.rounds_ms = rf_moves_time_left(m, RF_PRECOPY_MS) / 2;
	m->copying =
		rf_copying_begin(m->base, m->coordinator, m->plan->moves, &m->way, &ops, m, &err);
	if (!m->copying)
		rf_moves_fail(m, &err);
}

void rf_moves_waiting(struct rf_moves *m)
{
	struct rf_error err;
	int set;

	if (m->phase != LAUNCH)
		return;
	set = rf_coordinator_is_set(m->coordinator, m->plan->moves, &err);
	if (set < 0)
		rf_moves_fail(m, &err);
	else if (set > 0)
		rf_moves_prepare(m);
}

void rf_moves_report(struct rf_moves *m, const struct rf_report *report)
{
	struct rf_report ready = *report;

	if (m->phase == PREPARE && report->step == RF_STEP_PREPARE && report->id == m->id &&
	    report->rank < m->plan->ranks)
		rf_moves_prepared(m, report);
	if (m->phase == LEAVE && report->step == RF_STEP_CLEAR && report->id == m->id) {
		if (report->error)
			rf_say("rank %u: %s", report->rank, report->text);
		rf_moves_clear(m, report->rank);
	}
	if (m->copying)
		rf_copying_report(m->copying, report);
	if (!m->quiesce)
		return;
	/* a restored process does not know in what it was captured */
	if (m->phase == SWITCH && report->step == RF_STEP_READY && report->id == 0)
		ready.id = m->id;
	rf_quiesce_report(m->quiesce, &ready);
}

void rf_moves_rank_lost(struct rf_moves *m, unsigned rank, const char *how)
{
	const struct rf_roster *roster = rf_coordinator_roster(m->coordinator);
	struct rf_error err;

	/* in SWITCH it may be only what was to become the rank: that goes on, and says so */
	if (m->phase == PREPARE ||
	    ((m->phase == SWITCH || m->phase == COMMIT) && rf_roster_is_joined(roster, rank))) {
		rf_error_set(&err, ECANCELED, "rank %s %s", name(m, rank), how);
		rf_moves_fail(m, &err);
	} else if (m->quiesce) {
		rf_quiesce_lost(m->quiesce, rank, how);
	} else if (m->phase == PRECOPY) {
		rf_copying_lost(m->copying, rank, how);
	}
	if (m->phase == LEAVE)
		rf_moves_clear(m, rank);
}

void rf_moves_next_ended(struct rf_moves *m)
{
	struct rf_error err;

	rf_error_set(&err, ECHILD,
		     "the second mpirun has ended, or is lost; what it said is on the job's "
		     "stderr");
	rf_moves_fail(m, &err);
}

void rf_moves_old_ended(struct rf_moves *m)
{
	m->old_over = true;
	if (m->phase == LEAVE)
		release(m);
}

void rf_moves_released(struct rf_moves *m)
{
	if (m->phase == RELEASE)
		finish(m);
}

static void on_timer(evutil_socket_t fd, short what, void *data)
{
	struct rf_moves *m = data;
	struct rf_error err;
	unsigned i;

	(void)fd;
	(void)what;
	if (m->phase == LAUNCH) {
		rf_error_set(&err, ETIMEDOUT, "mpirun has not started all slots within %lld s",
			     (long long)(rf_clock_us() - m->began_us + 500000) / 1000000);
		rf_moves_fail(m, &err);
	} else if (m->phase == PREPARE) {
		for (i = 0; i < m->plan->ranks && !m->unready[i]; i++)
			;
		rf_error_set(&err, ETIMEDOUT, "the engine of rank %s has not started within %d s",
			     name(m, i), RF_MOVE_PREPARE_MS / 1000);
		rf_moves_fail(m, &err);
	} else if (m->phase == PRECOPY) {
		rf_error_set(&err, ETIMEDOUT,
			     "the memory of the ranks has not been copied in time");
		rf_moves_fail(m, &err);
	} else if (m->phase == LEAVE) {
		if (m->killed) {
			rf_error_set(&m->why, ETIMEDOUT,
				     "the ranks have moved, but the last generation's mpirun does "
				     "not end, not even when it is killed");
			finish(m);
			return;
		}
		rf_say("the last generation's mpirun does not end; killing it");
		m->killed = true;
		m->ops->kill_old(m->data);
		rf_moves_later(m, RF_MOVE_LEAVE_MS);
	} else if (m->phase == RELEASE) {
		rf_error_set(&m->why, ETIMEDOUT,
			     "the ranks have moved, but a host that they have left "
			     "has not confirmed that nothing is left there");
		finish(m);
	}
}

/* ---- the plan ---- */

static int check(struct rf_moves *m, const struct rf_move_request *request, struct rf_error *err)
{
	const struct rf_roster *roster = rf_coordinator_roster(m->coordinator);
	struct rf_hostlist *shun;
	struct rf_plan_wish wish = request->wish;

	if (m->finishing)
		return rf_error_set(err, ECANCELED, "the job has ended");
	if (m->phase != IDLE)
		return rf_error_set(err, EBUSY, "another move is under way; try again");
	if (rf_roster_check(roster, err) < 0)
		return -1;
	wish.shun = shun = rf_hostlist_create();
	if (shun)
		rf_moves_shun(m, shun);
	m->plan = rf_planning_make(m->coordinator, request->home, &wish, err);
	rf_hostlist_destroy(shun);
	if (!m->plan)
		return -1;
	return m->plan->moving ? rf_generation_check(m->config.line, roster->count, err) : 0;
}

static void show(struct rf_moves *m)
{
	const struct rf_roster *roster = rf_coordinator_roster(m->coordinator);
	unsigned i;

	for (i = 0; i < m->plan->ranks; i++)
		if (m->plan->moves[i])
			m->hearer->place(i, roster->rank[i].host, m->plan->host[i], m->client);
}

/* The plan is made. */
static void go(struct rf_moves *m)
{
	struct rf_moved nothing = {.generation = m->generation};
	struct rf_error err;

	show(m);
	if (m->dry || m->plan->moving == 0) {
		nothing.ranks = m->dry ? m->plan->moving : 0;
		m->hearer->moved(&nothing, m->client);
		conclude(m);
		return;
	}
	rf_planning_tell(m->coordinator, m->plan, m->tried + 1);
	rf_moves_enter(m, LAUNCH);
	rf_moves_later(m, m->total_ms && m->total_ms < RF_MOVE_LAUNCH_MS ? m->total_ms
									 : RF_MOVE_LAUNCH_MS);
	m->tried++;
	rf_coordinator_expect(m->coordinator, m->tried);
	if (m->ops->launch(m->tried, m->plan->host, m->plan->ranks, m->data, &err) < 0)
		rf_moves_fail(m, &err);
}

/* By the built-in rule. */
static void spread(struct rf_moves *m)
{
	struct rf_error err;

	if (rf_plan_spread(m->plan, &err) == 0) {
		go(m);
		return;
	}
	m->hearer->failed(&err, m->client);
	conclude(m);
}

int rf_moves_placed(struct rf_moves *m, const unsigned *to, struct rf_error *err)
{
	struct rf_error fault;
	int rc;

	if (m->phase != PLAN)
		return 0; /* it was withdrawn */
	rc = to ? rf_plan_place(m->plan, to, &fault) : 0;
	if (rc < 0)
		rf_error_set(err, fault.code, "it proposes what is no plan: %s", fault.text);
	if (to && rc == 0)
		go(m);
	else
		spread(m);
	return rc;
}

void rf_moves_begin(struct rf_moves *m, const struct rf_move_request *request, void *client)
{
	struct rf_error err;

	if (check(m, request, &err) < 0) {
		if (m->phase == IDLE) {
			rf_plan_destroy(m->plan);
			m->plan = NULL;
		}
		request->hearer->failed(&err, client);
		return;
	}
	m->client = client;
	m->hearer = request->hearer;
	m->began_us = rf_clock_us();
	m->killed = false;
	m->deadline_ms = request->deadline_ms;
	m->way = (struct rf_copying_config){
		.store = m->config.store,
		.job = m->config.job,
		.via_store = request->via_store,
		.max_pause_ms = request->max_pause_ms ? request->max_pause_ms : m->deadline_ms,
		.max_pause_asked = request->max_pause_ms > 0};
	m->bytes = (struct rf_copying_sizes){0};
	m->total_ms = request->total_ms;
	m->dry = request->dry;
	if (m->plan->targets && m->plan->moving && m->ops->place(m->plan, m->data))
		m->phase = PLAN;
	else
		spread(m);
}

void rf_moves_withdraw(struct rf_moves *m, void *client)
{
	struct rf_error err;

	if (m->client != client)
		return;
	rf_error_set(&err, ECANCELED, "cancelled; the job goes on where it was");
	rf_moves_fail(m, &err);
}

void rf_moves_finish(struct rf_moves *m)
{
	struct rf_error err;

	m->finishing = true;
	rf_error_set(&err, ECANCELED, "the job has ended");
	rf_moves_fail(m, &err);
}

const char *rf_moves_phase(const struct rf_moves *m)
{
	return names[m->phase];
}

void rf_moves_shun(const struct rf_moves *m, struct rf_hostlist *list)
{
	rf_shunned_add_to(m->shunned, list, rf_clock_ms());
}

int rf_moves_generation(const struct rf_moves *m)
{
	return m->generation;
}

struct rf_moves *rf_moves_create(struct event_base *base, struct rf_coordinator *coordinator,
				 const struct rf_moves_config *config,
				 const struct rf_moves_ops *ops, void *data, struct rf_error *err)
{
	struct rf_moves *m = calloc(1, sizeof(*m));

	if (m) {
		m->base = base;
		m->coordinator = coordinator;
		m->config = *config;
		m->ops = ops;
		m->data = data;
		m->generation = m->tried = 1;
		m->timer = evtimer_new(base, on_timer, m);
		m->shunned = rf_shunned_create();
	}
	if (!m || !m->timer || !m->shunned) {
		if (m && m->timer)
			event_free(m->timer);
		if (m)
			rf_shunned_destroy(m->shunned);
		free(m);
		rf_error_set(err, ENOMEM, "no memory for moves");
		return NULL;
	}
	return m;
}

void rf_moves_destroy(struct rf_moves *m)
{
	struct rf_error err;

	if (!m)
		return;
	if (m->phase != IDLE) {
		rf_error_set(&err, ECANCELED, "the job has ended");
		if (m->client)
			m->hearer->failed(&err, m->client);
		conclude(m);
	}
	event_free(m->timer);
	rf_shunned_destroy(m->shunned);
	free(m);
}
