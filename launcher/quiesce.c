/* SPDX-License-Identifier: BSD-3-Clause */
#include "quiesce.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "targets.h"
#include "timer.h"
#include "util/duration.h"

struct rf_quiesce {
	uint32_t id;
	unsigned ranks;
	const struct rf_quiesce_ops *ops;
	void *data;
	enum rf_step step; /* the last order; QUIESCE, TARGETS and ADVANCE go on by themselves */
	struct rf_targets *targets;
	bool *owes; /* per rank: a report to the last order */
	bool *gone; /* per rank: it has ended or finalized */
	bool over, committed;
	struct rf_error why; /* after CANCEL, or what went wrong when there was no way back */
	int deadline_ms;
	struct event *start, *deadline, *stall;
};

static void end(struct rf_quiesce *q)
{
	q->over = true;
	event_del(q->start);
	event_del(q->deadline);
	event_del(q->stall);
	q->ops->over(q->why.text[0] ? &q->why : NULL, q->data);
}

static bool all_answered(const struct rf_quiesce *q)
{
	unsigned r;

	for (r = 0; r < q->ranks; r++)
		if (q->owes[r] && !q->gone[r])
			return false;
	return true;
}

static int give(struct rf_quiesce *q, enum rf_step step, const bool *who, const void *body,
		size_t size, struct rf_error *err)
{
	unsigned r;

	q->step = step;
	for (r = 0; r < q->ranks; r++)
		q->owes[r] = !who || who[r];
	return q->ops->order(q->id, step, who, body, size, q->data, err);
}

/* The others go on. */
static void note(struct rf_quiesce *q, const struct rf_error *why)
{
	if (!q->why.text[0])
		q->why = *why;
	if (q->step == RF_STEP_RESUME && all_answered(q))
		end(q);
}

static void cancel(struct rf_quiesce *q, const struct rf_error *why)
{
	if (q->over || q->step == RF_STEP_CANCEL)
		return;
	if (q->committed) {
		note(q, why);
		return;
	}
	q->why = *why;
	event_del(q->stall);
	rf_later(q->deadline, RF_QUIESCE_CANCEL_MS);
	give(q, RF_STEP_CANCEL, NULL, NULL, 0, NULL);
	if (all_answered(q))
		end(q);
}

static void order(struct rf_quiesce *q, enum rf_step step, const struct rf_clocks *clocks,
		  struct rf_error *err)
{
	if (!clocks || give(q, step, NULL, clocks, rf_clocks_size(clocks->count), err) < 0)
		cancel(q, err);
}

static void proceed(struct rf_quiesce *q)
{
	struct rf_error err = {0};

	event_del(q->stall);
	switch (rf_targets_next(q->targets)) {
	case RF_TARGETS_WAIT:
		break;
	case RF_TARGETS_MOVE:
		order(q, RF_STEP_TARGETS, rf_targets_order(q->targets, &err), &err);
		break;
	case RF_TARGETS_STALLED:
		rf_later(q->stall, RF_QUIESCE_STALL_MS);
		break;
	case RF_TARGETS_EQUAL:
		if (give(q, RF_STEP_STOP, NULL, NULL, 0, &err) < 0)
			cancel(q, &err);
		break;
	}
}

static bool is_agreement(enum rf_step step)
{
	return step == RF_STEP_QUIESCE || step == RF_STEP_TARGETS || step == RF_STEP_ADVANCE;
}

static void answered(struct rf_quiesce *q, unsigned rank)
{
	if (!q->owes[rank])
		return;
	q->owes[rank] = false;
	if (!all_answered(q))
		return;
	if (q->step == RF_STEP_RESUME || q->step == RF_STEP_CANCEL)
		end(q);
	else
		q->ops->reached(q->step, q->data);
}

void rf_quiesce_report(struct rf_quiesce *q, const struct rf_report *report)
{
	enum rf_step step = report->step == RF_STEP_READY ? RF_STEP_SWITCH : report->step;
	struct rf_error err;

	if (q->over || report->id != q->id || report->rank >= q->ranks)
		return;
	if (report->error && step != RF_STEP_CANCEL) {
		rf_error_set(&err, report->error, "rank %s: %s",
			     q->ops->name(report->rank, q->data),
			     report->text && *report->text ? report->text : "it can not say why");
		if (q->committed && step == q->step)
			q->owes[report->rank] = false;
		cancel(q, &err);
	} else if (is_agreement(q->step) && is_agreement(step)) {
		if (rf_targets_report(q->targets, report->rank, report->body, report->size, &err) <
		    0)
			cancel(q, &err);
		else
			proceed(q);
	} else if (step == q->step) {
		answered(q, report->rank);
	}
}

void rf_quiesce_lost(struct rf_quiesce *q, unsigned rank, const char *how)
{
	struct rf_error err;

	if (q->over || rank >= q->ranks)
		return;
	q->gone[rank] = true;
	if (q->step == RF_STEP_CANCEL) {
		if (all_answered(q))
			end(q);
		return;
	}
	rf_error_set(&err, ECANCELED, "rank %s %s", q->ops->name(rank, q->data), how);
	cancel(q, &err);
}

void rf_quiesce_ask(struct rf_quiesce *q, enum rf_step step, const bool *who, const void *body,
		    size_t size)
{
	struct rf_error err;

	if (q->over || q->step == RF_STEP_CANCEL)
		return;
	if (give(q, step, who, body, size, &err) < 0)
		cancel(q, &err);
}

void rf_quiesce_commit(struct rf_quiesce *q)
{
	event_del(q->deadline);
	q->committed = true;
}

void rf_quiesce_cancel(struct rf_quiesce *q, const struct rf_error *why)
{
	cancel(q, why);
}

void rf_quiesce_deadline(struct rf_quiesce *q, int ms)
{
	event_del(q->deadline);
	q->deadline_ms = ms;
	if (ms > 0 && !q->over)
		rf_later(q->deadline, ms);
}

/* Who has not done what in time. */
static void complain(struct rf_quiesce *q, struct rf_error *err)
{
	static const char *const late[RF_STEPS] = {
		[RF_STEP_STOP] = "has not stopped and drained its messages",
		[RF_STEP_CAPTURE] = "has not captured its memory",
		[RF_STEP_SWITCH] = "has not taken another engine",
		[RF_STEP_RESUME] = "has not gone on",
	};
	const char *what = late[q->step];
	char time[RF_DURATION_TEXT];
	int rank = -1;
	unsigned r;

	if (is_agreement(q->step))
		rank = rf_targets_behind(q->targets, &what);
	else
		for (r = 0; r < q->ranks && rank < 0; r++)
			if (q->owes[r] && !q->gone[r])
				rank = (int)r;
	rf_duration_format(q->deadline_ms, time);
	if (rank >= 0 && what)
		rf_error_set(err, ETIMEDOUT, "within %s: rank %s %s", time,
			     q->ops->name((unsigned)rank, q->data), what);
	else
		rf_error_set(err, ETIMEDOUT, "not all ranks have stopped within %s", time);
}

static void on_deadline(evutil_socket_t fd, short what, void *data)
{
	struct rf_quiesce *q = data;
	struct rf_error err;

	(void)fd;
	(void)what;
	if (q->step == RF_STEP_CANCEL) {
		end(q);
		return;
	}
	complain(q, &err);
	if (q->committed) {
		q->why = q->why.text[0] ? q->why : err;
		end(q);
		return;
	}
	cancel(q, &err);
}

static void on_stall(evutil_socket_t fd, short what, void *data)
{
	struct rf_quiesce *q = data;
	struct rf_error err = {0};

	(void)fd;
	(void)what;
	order(q, RF_STEP_ADVANCE, rf_targets_advance(q->targets, &err), &err);
}

static void on_start(evutil_socket_t fd, short what, void *data)
{
	struct rf_quiesce *q = data;
	struct rf_error err;

	(void)fd;
	(void)what;
	if (give(q, RF_STEP_QUIESCE, NULL, NULL, 0, &err) < 0)
		cancel(q, &err);
}

struct rf_quiesce *rf_quiesce_begin(struct event_base *base, uint32_t id, unsigned ranks,
				    int deadline_ms, const struct rf_quiesce_ops *ops, void *data,
				    struct rf_error *err)
{
	struct rf_quiesce *q = calloc(1, sizeof(*q));

	if (!q || ranks == 0) {
		free(q);
		rf_error_set(err, ranks ? ENOMEM : EINVAL, "can not stop %u ranks", ranks);
		return NULL;
	}
	q->id = id;
	q->ranks = ranks;
	q->ops = ops;
	q->data = data;
	q->step = RF_STEP_QUIESCE;
	q->deadline_ms = deadline_ms;
	q->targets = rf_targets_create(ranks, err);
	q->owes = calloc(ranks, sizeof(*q->owes));
	q->gone = calloc(ranks, sizeof(*q->gone));
	q->start = evtimer_new(base, on_start, q);
	q->deadline = evtimer_new(base, on_deadline, q);
	q->stall = evtimer_new(base, on_stall, q);
	if (!q->targets || !q->owes || !q->gone || !q->start || !q->deadline || !q->stall) {
		rf_error_set(err, ENOMEM, "no memory to stop %u ranks", ranks);
		rf_quiesce_destroy(q);
		return NULL;
	}
	rf_later(q->deadline, deadline_ms);
	rf_later(q->start, 0);
	return q;
}

void rf_quiesce_destroy(struct rf_quiesce *q)
{
	struct event *timers[3];
	int i;

	if (!q)
		return;
	timers[0] = q->start;
	timers[1] = q->deadline;
	timers[2] = q->stall;
	for (i = 0; i < 3; i++)
		if (timers[i])
			event_free(timers[i]);
	rf_targets_destroy(q->targets);
	free(q->owes);
	free(q->gone);
	free(q);
}
