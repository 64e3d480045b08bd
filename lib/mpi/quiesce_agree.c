/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How a rank takes part in the agreement on collectives (docs/decisions/0005): it says where it is,
 * is told how far to go, and begins no collective beyond that.
 */
#include <errno.h>

#include "mpi/quiesce_limits.h"
#include "mpi/quiesce_move.h"
#include "mpi/quiesce_parts.h"
#include "mpi/quiesce_points.h"
#include "mpi/quiesce_threads.h"
#include "mpi/state.h"
#include "wire/body.h"

/* A call is blocked, for the coordinator, when it has waited so long. */
#define BLOCKED_NS    3000000
#define COLLECTIVE_NS 1000000
/* Between turns of the progress loop of a rank that runs on. */
#define PROGRESS_NS 10000000

static struct rf_quiesce *const q = &rf_quiesce;

enum rf_where rf_agree_where(enum rf_at at, enum rf_inside in)
{
	switch (at) {
	case RF_AT_COLLECTIVE:
		return RF_WHERE_PARKED;
	case RF_AT_WAIT:
		return in == RF_IN_COLLECTIVE ? RF_WHERE_COLLECTIVE : RF_WHERE_BLOCKED;
	default:
		return RF_WHERE_COMPUTING;
	}
}

/* Has a communicator that was being made come into use since the last report? */
static int is_made(void)
{
	int unready = q->unready ? rf_limits_unready() : 0;

	return unready >= 0 && (uint32_t)unready != q->unready;
}

/* Is this an answer to TARGETS, and another one than the last? */
static int is_news(enum rf_at at, enum rf_where here)
{
	uint64_t waited = q->since ? rf_quiesce_ns() - q->since : 0;
	int reached = rf_limits_reached();

	if (here == RF_WHERE_COLLECTIVE && waited < COLLECTIVE_NS)
		return 0;
	if (here == RF_WHERE_BLOCKED && !reached && waited < BLOCKED_NS)
		return 0;
	/* a rank that calls MPI often is heard of soon enough */
	if (here == RF_WHERE_COMPUTING && !reached && at != RF_AT_SIGNAL)
		return 0;
	return q->said.round != q->round || q->said.where != here || q->said.reached != reached ||
	       q->said.begun != q->begun || is_made();
}

static void answer_targets(enum rf_where here)
{
	if (!rf_report_clocks(here))
		return;
	q->said.round = q->round;
	q->said.where = here;
	q->said.reached = rf_limits_reached();
	q->said.begun = q->begun;
}

/* One that has read rf_pending before it was set is in the collective, and soon in the hook. */
int rf_agree_is_counting(void)
{
	struct rf_others others;

	return rf_others_look(q->id, &others) || others.counting;
}

/* 0, or 1: a thread is changing handles or counting just now. */
static int limit(void)
{
	int rc = 0;

	if (q->freeze) {
		rf_others_barrier();
		rc = q->freeze = rf_limits_freeze() || rf_agree_is_counting();
	}
	if (!rc && q->targets) {
		rc = rf_limits_set(q->targets);
		if (rc < 0) {
			rf_error_set(&q->err, ENOMEM, "no memory for the targets");
			rf_report_error(q->owed, &q->err);
		} else if (!rc && !(rc = rf_agree_is_counting())) {
			rf_body_unmap(q->targets, q->targets_size);
			q->targets = NULL;
		}
	}
	return rc != 0;
}

/*
 * A rank that is behind must come to its targets before all can stop, and may be millions of calls
 * away. On a busy host each turn of the progress loop, which yields, would be a time slice of
 * others.
 */
static void progress(enum rf_at at, const struct rf_handle *before)
{
	int runs_on = at == RF_AT_ENTRY || (at == RF_AT_COLLECTIVE && !q->freeze && !q->targets &&
					    rf_limits_allow(before));

	if (runs_on && rf_quiesce_ns() - q->progressed < PROGRESS_NS)
		return;
	rf_points_progress();
	q->progressed = rf_quiesce_ns();
}

enum rf_turn rf_agree_turn(enum rf_at at, enum rf_inside in, struct rf_handle *before)
{
	enum rf_turn hold = at == RF_AT_COLLECTIVE ? RF_TURN_HOLD : RF_TURN_GO;
	enum rf_where here = rf_agree_where(at, in);
	struct rf_others others;

	progress(at, before);
	if (limit() || q->failed || rf_others_look(q->id, &others))
		return hold;
	if (others.collective)
		here = RF_WHERE_COLLECTIVE;
	if (at != RF_AT_WAIT && !others.collective)
		q->since = 0;
	else if (!q->since)
		q->since = rf_quiesce_ns();
	/* ranks that are in a collective on a window or file would wait for each other to the end
	 */
	if (q->owed == RF_STEP_QUIESCE ||
	    (q->owed == RF_STEP_TARGETS && is_news(at, here) && rf_state_opened())) {
		int rc = rf_move_obstacles(&q->err);

		if (rc < 0) {
			rf_report_error(q->owed, &q->err);
			q->owed = 0;
		}
		if (rc)
			return hold;
	}
	if (at == RF_AT_COLLECTIVE && rf_limits_allow(before)) {
		rf_limits_begin(before);
		return RF_TURN_GO;
	}
	if (q->owed == RF_STEP_TARGETS) {
		if (is_news(at, here))
			answer_targets(here);
	} else if (q->owed && rf_report_clocks(here)) {
		q->owed = 0;
	}
	return hold;
}

void rf_agree_begin(struct rf_handle *handle)
{
	if (handle)
		handle->collectives++;
	q->begun++;
	if (q->phase == LIMITED && q->owed == RF_STEP_TARGETS && !q->failed && rf_limits_reached())
		answer_targets(RF_WHERE_COLLECTIVE);
}
