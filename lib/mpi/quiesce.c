/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "mpi/quiesce.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/raw.h"
#include "mpi/collective.h"
#include "mpi/drain.h"
#include "mpi/link.h"
#include "mpi/quiesce_move.h"
#include "mpi/quiesce_limits.h"
#include "mpi/quiesce_points.h"
#include "mpi/quiesce_threads.h"
#include "mpi/reach.h"
#include "wire/body.h"
#include "wire/step.h"

/* A call is blocked, for the coordinator, when it has waited so long. */
#define BLOCKED_NS    3000000
#define COLLECTIVE_NS 1000000
#define AGAIN_NS      2000000000 /* for other threads to come where they can be stopped */

enum phase {
	IDLE,	   /* no quiesce */
	LIMITED,   /* collectives are held at their targets */
	STOPPING,  /* draining */
	STOPPED,   /* at a safe point, until an order comes */
	FINISHING, /* the end of a change of engines, if there was one */
	RESUMING,  /* giving back */
	ENDING,	   /* the application may go on as soon as that was reported */
};

/* Changed only by the thread that has `lock`; `phase` and `advances` are read by others, too. */
static struct {
	int lock;
	enum phase phase;
	uint32_t id, round, seq; /* of the last order */
	enum rf_step owed;	 /* the order that is not answered; 0: none */
	int drained;		 /* messages may have been: all ranks give back at the end */
	int draining;		 /* the drain has begun */
	uint32_t epoch;		 /* changes as long as the drain is not done */
	int serial;		 /* one thread at a time may call MPI */
	int failed;		 /* an error was reported: the end is awaited */
	unsigned advances;	 /* how many ADVANCE have come */
	unsigned begun;		 /* collectives that were begun */
	int freeze;		 /* rf_limits_freeze() is to be done */
	uint64_t asked;		 /* when CAPTURE came, ns */
	uint64_t since;		 /* when the call began to wait, ns; 0: no call waits */
	const struct rf_clocks *targets; /* to be taken over; NULL: they were */
	size_t targets_size;
	struct rf_rankmsg message; /* not on the stack, which may be a small one */
	struct rf_error err;
	const void *body; /* of CAPTURE and SWITCH, mapped */
	size_t body_size;
	int files[3]; /* of SWITCH; -1: none */
	struct {
		uint32_t round;
		enum rf_where where;
		int reached;
		unsigned begun;
	} said; /* in the last answer to TARGETS */
} q;

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* ---- reports ---- */

static void report(enum rf_step step, enum rf_where where, const void *body, size_t size, int fd)
{
	rf_rankmsg_init(&q.message, RF_RANKMSG_REPORT, 0, (int)where, NULL);
	q.message.id = q.id;
	q.message.step = step;
	q.message.seq = q.seq;
	rf_link_report(&q.message, body, size, fd);
}

static void report_error(enum rf_step step, const struct rf_error *err)
{
	rf_rankmsg_init(&q.message, RF_RANKMSG_REPORT, 0, 0, err->text);
	q.message.id = q.id;
	q.message.step = step;
	q.message.seq = q.seq;
	q.message.error = err->code ? err->code : -1;
	rf_link_report(&q.message, NULL, 0, -1);
	q.failed = 1;
}

/* 1: reported; 0: not now. */
static int report_clocks(enum rf_where where)
{
	struct rf_arena arena = {0};
	struct rf_clocks *clocks;
	size_t size;
	int rc = rf_limits_clocks(&arena, &clocks, &size);

	if (rc < 0) {
		rf_error_set(&q.err, ENOMEM, "no memory to report the communicators");
		report_error(q.owed, &q.err);
	} else if (!rc) {
		clocks->where = where;
		clocks->round = q.round;
		report(q.owed, where, clocks, size, -1);
	}
	rf_arena_drop(&arena);
	return rc <= 0;
}

/* ---- orders ---- */

static void end(void)
{
	q.id = q.round = 0;
	q.owed = 0;
	q.drained = q.failed = q.freeze = 0;
	rf_body_unmap(q.targets, q.targets_size);
	q.targets = NULL;
	rf_body_unmap(q.body, q.body_size);
	q.body = NULL;
	__atomic_store_n(&rf_pending, 0, __ATOMIC_RELEASE);
	__atomic_store_n(&q.phase, IDLE, __ATOMIC_RELEASE);
	rf_points_close();
}

static void take_targets(int body)
{
	const struct rf_clocks *clocks;
	size_t size = 0;
	const void *bytes = body < 0 ? NULL : rf_body_map(body, &size);

	clocks = rf_clocks_check(bytes, size);
	if (!clocks) {
		rf_body_unmap(bytes, size);
		rf_error_set(&q.err, EPROTO, "an order came without targets");
		report_error(q.owed, &q.err);
		return;
	}
	q.round = clocks->round;
	if (q.owed == RF_STEP_ADVANCE) {
		rf_body_unmap(bytes, size);
		return;
	}
	rf_body_unmap(q.targets, q.targets_size);
	q.targets = clocks;
	q.targets_size = size;
}

static void take_body(const int *fds, int n)
{
	rf_body_unmap(q.body, q.body_size);
	q.body = n ? rf_body_map(fds[0], &q.body_size) : NULL;
	if (!q.body)
		q.body_size = 0;
	for (int i = 0; i < 3; i++)
		q.files[i] = n > i + 1 ? fcntl(fds[i + 1], F_DUPFD_CLOEXEC, 3) : -1;
}

static void obey(const struct rf_rankmsg *order, const int *fds, int n)
{
	enum rf_step step = (enum rf_step)order->step;

	if (step == RF_STEP_CLEAR) { /* beside all others */
		rf_move_clear(order->id, order->seq);
		return;
	}
	if (step == RF_STEP_QUIESCE) {
		q.freeze = 1;
		q.drained = q.failed = 0;
		__atomic_store_n(&q.phase, LIMITED, __ATOMIC_RELEASE);
	} else if (q.phase == IDLE && step != RF_STEP_CANCEL && step != RF_STEP_RESUME) {
		return;
	}
	q.id = order->id;
	q.seq = order->seq;
	q.owed = step;
	switch (step) {
	case RF_STEP_TARGETS:
		take_targets(n ? fds[0] : -1);
		break;
	case RF_STEP_ADVANCE:
		take_targets(n ? fds[0] : -1);
		__atomic_add_fetch(&q.advances, 1, __ATOMIC_RELEASE);
		break;
	case RF_STEP_STOP:
		q.drained = 1;
		q.draining = 0;
		__atomic_store_n(&q.phase, STOPPING, __ATOMIC_RELEASE);
		break;
	case RF_STEP_CAPTURE:
	case RF_STEP_SWITCH:
		q.asked = now_ns();
		take_body(fds, n);
		break;
	case RF_STEP_RESUME:
	case RF_STEP_CANCEL:
		q.failed = 0;
		__atomic_store_n(&q.phase, q.drained ? FINISHING : ENDING, __ATOMIC_RELEASE);
		break;
	default:
		break;
	}
}

static void read_orders(void)
{
	int fds[RF_LINK_FDS], n, rc = 0;

	/* nothing that comes behind LEAVE is for this process */
	while (q.owed != RF_STEP_LEAVE && (rc = rf_link_next(&q.message, fds, &n)) > 0) {
		obey(&q.message, fds, n);
		while (n > 0)
			close(fds[--n]);
	}
	/* without a keeper nobody says how to go on; what was drained cannot go back alone */
	if (rc < 0 && q.phase != IDLE && !q.drained)
		end();
}

/* ---- what is done about them ---- */

/* Where the rank is, for the coordinator. */
static enum rf_where where(enum rf_at at, enum rf_inside in)
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

/* Is this an answer to TARGETS, and another one than the last? */
static int is_news(enum rf_at at, enum rf_where here)
{
	uint64_t waited = q.since ? now_ns() - q.since : 0;
	int reached = rf_limits_reached();

	if (here == RF_WHERE_COLLECTIVE && waited < COLLECTIVE_NS)
		return 0;
	if (here == RF_WHERE_BLOCKED && !reached && waited < BLOCKED_NS)
		return 0;
	/* a rank that calls MPI often is heard of soon enough */
	if (here == RF_WHERE_COMPUTING && !reached && at != RF_AT_SIGNAL)
		return 0;
	return q.said.round != q.round || q.said.where != here || q.said.reached != reached ||
	       q.said.begun != q.begun;
}

static void answer_targets(enum rf_where here)
{
	if (!report_clocks(here))
		return;
	q.said.round = q.round;
	q.said.where = here;
	q.said.reached = rf_limits_reached();
	q.said.begun = q.begun;
}

/*
 * May a counter have been read that a thread takes back, as it is held before what it has counted?
 * One that has read rf_pending before it was set is in the collective, and soon in the hook.
 */
static int is_counting(void)
{
	struct rf_others others;

	return rf_others_look(q.id, &others) || others.counting;
}

/* 0, or 1: a thread is changing handles or counting just now. */
static int limit(void)
{
	int rc = 0;

	if (q.freeze) {
		rf_others_barrier();
		rc = q.freeze = rf_limits_freeze() || is_counting();
	}
	if (!rc && q.targets) {
		rc = rf_limits_set(q.targets);
		if (rc < 0) {
			rf_error_set(&q.err, ENOMEM, "no memory for the targets");
			report_error(q.owed, &q.err);
		} else if (!rc && !(rc = is_counting())) {
			rf_body_unmap(q.targets, q.targets_size);
			q.targets = NULL;
		}
	}
	return rc != 0;
}

static enum rf_turn limited(enum rf_at at, enum rf_inside in, struct rf_handle *before)
{
	enum rf_turn hold = at == RF_AT_COLLECTIVE ? RF_TURN_HOLD : RF_TURN_GO;
	enum rf_where here = where(at, in);
	struct rf_others others;

	rf_points_progress();
	if (limit() || q.failed || rf_others_look(q.id, &others))
		return hold;
	if (others.collective)
		here = RF_WHERE_COLLECTIVE;
	if (at != RF_AT_WAIT && !others.collective)
		q.since = 0;
	else if (!q.since)
		q.since = now_ns();
	if (q.owed == RF_STEP_QUIESCE && rf_move_obstacles(&q.err)) {
		report_error(q.owed, &q.err);
		q.owed = 0;
		return hold;
	}
	if (at == RF_AT_COLLECTIVE && rf_limits_allow(before)) {
		rf_limits_begin(before);
		return RF_TURN_GO;
	}
	if (q.owed == RF_STEP_TARGETS) {
		if (is_news(at, here))
			answer_targets(here);
	} else if (q.owed && report_clocks(here)) {
		q.owed = 0;
	}
	return hold;
}

/*
 * A call that waits in the engine may have got its message in the drain. If so, its loop sees that
 * when the hook returns, and the thread comes to another point; a second look at the same call
 * finds one that has nothing and gets nothing any more. Only one that can be made again is held.
 */
static int can_stay(enum rf_at at, enum rf_inside in)
{
	struct rf_thread *thread = rf_gate_self_get();

	if (at != RF_AT_WAIT)
		return 1;
	if (thread->settled != q.epoch) {
		thread->settled = q.epoch;
		return 0;
	}
	thread->held = in == RF_IN_REDO;
	return thread->held;
}

/*
 * Has the drain begun? Not before all other threads are out of the engine or have sent what they
 * send, since markers must come behind it; and what MPI_Mprobe has matched must be received, so the
 * program goes on till then.
 */
static int draining(enum rf_turn *hold)
{
	struct rf_others others;

	if (q.draining)
		return 1;
	if (rf_move_messages()) {
		*hold = RF_TURN_GO;
		return 0;
	}
	rf_others_barrier();
	if (rf_others_look(q.id, &others) || others.moving)
		return 0;
	rf_drain_begin(q.id);
	q.draining = 1;
	return 1;
}

static enum rf_turn stopping(enum rf_at at, enum rf_inside in)
{
	enum rf_turn hold = at == RF_AT_WAIT ? RF_TURN_GO : RF_TURN_HOLD;
	struct rf_others others;
	int rc;

	if (q.failed || !draining(&hold))
		return at == RF_AT_COLLECTIVE ? RF_TURN_HOLD : hold;
	rc = rf_drain_turn(&q.err);
	if (rc < 0) {
		report_error(RF_STEP_STOP, &q.err);
		return hold;
	}
	if (!rc)
		q.epoch++;
	if (!rc || !can_stay(at, in) || rf_others_look(q.id, &others) || others.unsafe)
		return hold;
	__atomic_store_n(&q.phase, STOPPED, __ATOMIC_RELEASE);
	report(RF_STEP_STOP, where(at, in), NULL, 0, -1);
	q.owed = 0;
	return RF_TURN_HOLD;
}

static void ready(int failed)
{
	if (failed)
		report_error(RF_STEP_READY, &q.err);
	else
		report(RF_STEP_READY, RF_WHERE_COMPUTING, NULL, 0, -1);
}

static void capture(void)
{
	int fd = -1;
	int rc = rf_move_capture(q.body, q.body_size, &fd, &q.err);

	if (rc == 1) { /* restored: the keeper and its orders are others */
		q.id = q.seq = 0;
		q.body = NULL;
		rf_points_restored();
		ready(rf_move_restored(&q.err));
		return;
	}
	if (rc && q.err.code == EAGAIN && now_ns() - q.asked < AGAIN_NS)
		q.owed = RF_STEP_CAPTURE; /* another thread is not yet where it can be stopped */
	else if (rc)
		report_error(RF_STEP_CAPTURE, &q.err);
	else
		report(RF_STEP_CAPTURE, RF_WHERE_COMPUTING, NULL, 0, fd);
	if (fd >= 0)
		close(fd);
}

static enum rf_turn stopped(void)
{
	enum rf_step owed = q.owed;

	rf_points_progress();
	if (q.failed)
		return RF_TURN_HOLD;
	if (owed == RF_STEP_CAPTURE || owed == RF_STEP_SWITCH)
		q.owed = 0;
	if (owed == RF_STEP_CAPTURE)
		capture();
	if (owed == RF_STEP_SWITCH)
		ready(rf_move_switch(q.body, q.body_size, q.files, &q.err));
	if (owed == RF_STEP_LEAVE)
		rf_move_leave();
	return RF_TURN_HOLD;
}

/* What was drained goes back in the engine that the rank has from now on. */
static void finish(void)
{
	if (q.owed == RF_STEP_CANCEL)
		rf_move_undo();
	else if (rf_move_finish(&q.err))
		report_error(q.owed, &q.err);
	rf_giveback_begin(q.id);
	__atomic_store_n(&q.phase, RESUMING, __ATOMIC_RELEASE);
}

static enum rf_turn resuming(enum rf_at at)
{
	int rc = 1, changed;

	if (q.phase == FINISHING)
		finish();
	if (q.phase == RESUMING)
		rc = rf_giveback_turn(&q.err);
	if (rc < 0 && !q.failed)
		report_error(q.owed, &q.err);
	changed = rf_move_changed();
	if (rc <= 0)
		return at == RF_AT_WAIT && !changed ? RF_TURN_GO : RF_TURN_HOLD;
	report(q.owed, RF_WHERE_COMPUTING, NULL, 0, -1);
	end();
	rf_move_done();
	return at == RF_AT_WAIT && changed ? RF_TURN_REDO : RF_TURN_GO;
}

static enum rf_turn act(enum rf_at at, enum rf_inside in, struct rf_handle *before)
{
	read_orders();
	rf_move_clear_turn();
	switch (q.phase) {
	case IDLE:
		/* a poke for an order that was read before */
		end();
		return RF_TURN_GO;
	case LIMITED:
		return limited(at, in, before);
	case STOPPING:
		return stopping(at, in);
	case STOPPED:
		return can_stay(at, in) ? stopped() : RF_TURN_GO;
	default:
		return resuming(at);
	}
}

/*
 * A collective begins, and is counted. If that brings the rank to its targets it says so now: the
 * program may not come to MPI again for long.
 */
static void begin(struct rf_handle *handle)
{
	if (handle)
		handle->collectives++;
	q.begun++;
	if (q.phase == LIMITED && q.owed == RF_STEP_TARGETS && !q.failed && rf_limits_reached())
		answer_targets(RF_WHERE_COLLECTIVE);
}

/* What another thread does meanwhile. */
static enum rf_turn wait_for_other(enum rf_at at)
{
	enum phase phase = __atomic_load_n(&q.phase, __ATOMIC_ACQUIRE);

	if (at == RF_AT_COLLECTIVE)
		return RF_TURN_HOLD;
	if (at == RF_AT_WAIT)
		return rf_gate_self_get()->held ? RF_TURN_HOLD : RF_TURN_GO;
	return phase <= LIMITED && !q.serial ? RF_TURN_GO : RF_TURN_HOLD;
}

/*
 * Where only one thread at a time may be in MPI, a handler must not make calls while another one
 * is; nor can that one begin while `lock` is held.
 */
static int is_taken(enum rf_at at)
{
	struct rf_others others;

	return q.serial && at == RF_AT_SIGNAL && (rf_others_look(q.id, &others) || others.inside);
}

enum rf_turn rf_quiesce_turn(enum rf_at at, enum rf_inside in, struct rf_handle *before)
{
	struct rf_thread *self = rf_gate_self_get();
	enum rf_turn turn;

	if (at == RF_AT_WAIT) {
		uint32_t id = __atomic_load_n(&q.id, __ATOMIC_RELAXED);

		__atomic_store_n(&self->counted, id, __ATOMIC_RELEASE);
		if (rf_quiesce_closed())
			__atomic_store_n(&self->looked, id, __ATOMIC_RELEASE);
	}
	if (__atomic_exchange_n(&q.lock, 1, __ATOMIC_ACQUIRE))
		return wait_for_other(at);
	turn = is_taken(at) ? RF_TURN_GO : act(at, in, before);
	if (at == RF_AT_COLLECTIVE && turn == RF_TURN_GO)
		begin(before);
	if (turn != RF_TURN_HOLD)
		self->held = 0;
	__atomic_store_n(&q.lock, 0, __ATOMIC_RELEASE);
	return turn;
}

static void lock(void)
{
	while (__atomic_exchange_n(&q.lock, 1, __ATOMIC_ACQUIRE))
		rf_raw3(SYS_sched_yield, 0, 0, 0);
}

void rf_quiesce_held(struct rf_handle *handle)
{
	lock();
	if (handle)
		handle->collectives--;
	RF_GATE_MARK(RF_OUTSIDE);
	__atomic_store_n(&q.lock, 0, __ATOMIC_RELEASE);
}

void rf_quiesce_advance(struct rf_handle *handle)
{
	lock();
	if (q.phase == LIMITED)
		rf_limits_advance(handle);
	__atomic_store_n(&q.lock, 0, __ATOMIC_RELEASE);
}

void rf_quiesce_serial(int serial)
{
	q.serial = serial;
}

int rf_quiesce_closed(void)
{
	enum phase phase = __atomic_load_n(&q.phase, __ATOMIC_ACQUIRE);

	return phase >= STOPPING;
}

unsigned rf_quiesce_advances(void)
{
	return __atomic_load_n(&q.advances, __ATOMIC_ACQUIRE);
}
