/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The pause of a move (moves.h): all ranks stop, those that move are captured and restored, all
 * take their new engines, and go on. When all are ready the move is committed: from there on
 * nothing is taken back, whatever is lost.
 */
#include "moves_parts.h"

#include <string.h>

#include "fault.h"
#include "say.h"

static void on_over(const struct rf_error *why, void *data)
{
	struct rf_moves *m = data;

	rf_quiesce_destroy(m->quiesce);
	m->quiesce = NULL;
	if (m->phase == RESUME) {
		if (why)
			rf_say("%s", why->text);
		rf_moves_settle(m, why);
		return;
	}
	if (!m->why.text[0] && why)
		m->why = *why;
	rf_moves_give_up(m);
}

static int capture(struct rf_moves *m, struct rf_error *err)
{
	char body[8192];
	size_t n;

	if (rf_copying_order(m->copying, body, sizeof(body), &n, err) < 0)
		return -1;
	rf_moves_enter(m, CAPTURE);
	rf_quiesce_ask(m->quiesce, RF_STEP_CAPTURE, m->plan->moves, body, n);
	return 0;
}

static void on_resume(evutil_socket_t fd, short what, void *data)
{
	struct rf_moves *m = data;

	(void)fd;
	(void)what;
	if (m->phase != RESUME || !m->quiesce)
		return;
	rf_quiesce_deadline(m->quiesce, RF_MOVE_RESUME_MS);
	rf_quiesce_ask(m->quiesce, RF_STEP_RESUME, NULL, NULL, 0);
}

static void on_stop(evutil_socket_t fd, short what, void *data)
{
	rf_fault_stop();
	on_resume(fd, what, data);
}

/* The end of the first mpirun is not the job's any more. */
static void resume(struct rf_moves *m)
{
	const struct timeval wait = {RF_FAULT_WAIT_MS / 1000, 0}, soon = {0, 300000};
	enum rf_fault fault;

	rf_moves_enter(m, RESUME);
	m->ops->promote(m->data);
	fault = rf_fault_next("move.resume");
	if (fault == RF_FAULT_WAIT)
		event_base_once(m->base, -1, EV_TIMEOUT, on_resume, m, &wait);
	else if (fault == RF_FAULT_STOP)
		event_base_once(m->base, -1, EV_TIMEOUT, on_stop, m, &soon);
	else
		on_resume(-1, 0, m);
}

/* From the loop, so that a failure that was there first still leaves the job where it was. */
static void on_commit(evutil_socket_t fd, short what, void *data)
{
	struct rf_moves *m = data;
	struct rf_error err;

	(void)fd;
	(void)what;
	if (m->phase != COMMIT || m->why.text[0] || !m->quiesce)
		return;
	if (rf_coordinator_commit(m->coordinator, m->id, m->plan->moves, &err) < 0) {
		rf_moves_fail(m, &err);
		return;
	}
	rf_quiesce_commit(m->quiesce);
	if (rf_coordinator_adopt(m->coordinator, m->plan->moves, &err) < 0)
		rf_say("%s", err.text); /* a lost keeper: that ends the job */
	resume(m);
}

static void on_reached(enum rf_step step, void *data)
{
	struct rf_moves *m = data;
	struct rf_error err;

	if (m->why.text[0])
		return;
	m->reached_us[step] = rf_clock_us();
	switch (step) {
	case RF_STEP_STOP:
		if (capture(m, &err) < 0)
			rf_moves_fail(m, &err);
		break;
	case RF_STEP_CAPTURE:
		rf_moves_enter(m, SWITCH);
		rf_quiesce_ask(m->quiesce, RF_STEP_SWITCH, NULL, NULL, 0);
		break;
	default: /* all are ready */
		rf_moves_enter(m, COMMIT);
		event_base_once(m->base, -1, EV_TIMEOUT, on_commit, m, NULL);
		break;
	}
}

static int give_order(uint32_t id, enum rf_step step, const bool *who, const void *body,
		      size_t size, void *data, struct rf_error *err)
{
	struct rf_moves *m = data;

	if (step == RF_STEP_SWITCH)
		return rf_coordinator_switch(m->coordinator, id, m->plan->moves,
					     rf_copying_snapshot(m->copying), err);
	return rf_coordinator_order(m->coordinator, id, step, who, body, size, err);
}

static const char *name(unsigned rank, void *data)
{
	struct rf_moves *m = data;

	return rf_roster_name(rf_coordinator_roster(m->coordinator), rank);
}

void rf_moves_quiesce(struct rf_moves *m)
{
	static const struct rf_quiesce_ops ops = {give_order, on_reached, on_over, name};
	struct rf_error err;

	rf_moves_enter(m, QUIESCE);
	m->id = rf_coordinator_new_id(m->coordinator);
	m->stopped_us = rf_clock_us();
	m->quiesce = rf_quiesce_begin(m->base, m->id, m->plan->ranks,
				      rf_moves_time_left(m, m->deadline_ms), &ops, m, &err);
	if (!m->quiesce)
		rf_moves_fail(m, &err);
}
