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
#include "mpi/precopy.h"
#include "mpi/quiesce_limits.h"
#include "mpi/quiesce_move.h"
#include "mpi/quiesce_parts.h"
#include "mpi/quiesce_points.h"
#include "mpi/quiesce_threads.h"
#include "mpi/reach.h"
#include "mpi/switch.h"
#include "wire/body.h"
#include "wire/step.h"

#define AGAIN_NS 5000000000u /* for other threads to come where they can be stopped */

struct rf_quiesce rf_quiesce = {.files = {-1, -1, -1}};
static struct rf_quiesce *const q = &rf_quiesce;

uint64_t rf_quiesce_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* ---- orders ---- */

/* Those that nobody has taken over: the application must not be left with them. */
static void close_files(void)
{
	for (int i = 0; i < 3; i++) {
		if (q->files[i] >= 0)
			close(q->files[i]);
		q->files[i] = -1;
	}
}

static void end(void)
{
	q->id = q->round = 0;
	q->owed = 0;
	q->drained = q->failed = q->freeze = 0;
	rf_body_unmap(q->targets, q->targets_size);
	q->targets = NULL;
	rf_body_unmap(q->body, q->body_size);
	q->body = NULL;
	close_files();
	__atomic_store_n(&rf_pending, 0, __ATOMIC_RELEASE);
	__atomic_store_n(&q->phase, IDLE, __ATOMIC_RELEASE);
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
		rf_error_set(&q->err, EPROTO, "an order came without targets");
		rf_report_error(q->owed, &q->err);
		return;
	}
	q->round = clocks->round;
	if (q->owed == RF_STEP_ADVANCE) {
		rf_body_unmap(bytes, size);
		return;
	}
	rf_body_unmap(q->targets, q->targets_size);
	q->targets = clocks;
	q->targets_size = size;
}

static void take_body(const int *fds, int n)
{
	close_files();
	rf_body_unmap(q->body, q->body_size);
	q->body = n ? rf_body_map(fds[0], &q->body_size) : NULL;
	if (!q->body)
		q->body_size = 0;
	for (int i = 0; i < 3; i++)
		q->files[i] = n > i + 1 ? fcntl(fds[i + 1], F_DUPFD_CLOEXEC, 3) : -1;
}

static void obey(const struct rf_rankmsg *order, const int *fds, int n)
{
	enum rf_step step = (enum rf_step)order->step;

	if (rf_move_aside(order, n ? fds[0] : -1))
		return;
	if (order->step == RF_STEP_CANCEL)
		rf_move_forget();
	if (rf_precopy_order(order, fds, n, q->phase == IDLE))
		return;
	if (step == RF_STEP_QUIESCE) {
		q->freeze = 1;
		q->drained = q->failed = 0;
		__atomic_store_n(&q->phase, LIMITED, __ATOMIC_RELEASE);
	} else if (q->phase == IDLE && step != RF_STEP_CANCEL && step != RF_STEP_RESUME) {
		return;
	}
	q->id = order->id;
	q->seq = order->seq;
	q->owed = step;
	switch (step) {
	case RF_STEP_TARGETS:
		take_targets(n ? fds[0] : -1);
		break;
	case RF_STEP_ADVANCE:
		take_targets(n ? fds[0] : -1);
		__atomic_add_fetch(&q->advances, 1, __ATOMIC_RELEASE);
		break;
	case RF_STEP_STOP:
		q->drained = 1;
		q->draining = 0;
		__atomic_store_n(&q->phase, STOPPING, __ATOMIC_RELEASE);
		break;
	case RF_STEP_CAPTURE:
	case RF_STEP_SWITCH:
		q->asked = rf_quiesce_ns();
		take_body(fds, n);
		break;
	case RF_STEP_RESUME:
	case RF_STEP_CANCEL:
		q->failed = 0;
		__atomic_store_n(&q->phase, q->drained ? FINISHING : ENDING, __ATOMIC_RELEASE);
		break;
	default:
		break;
	}
}

static void read_orders(void)
{
	int fds[RF_LINK_FDS], n, rc = 0;

	/*
	 * Nothing that comes behind LEAVE is for this process, and while a quiesce ends the next
	 * one waits: what it has changed is put right first.
	 */
	while (q->owed != RF_STEP_LEAVE && q->phase < FINISHING &&
	       (rc = rf_link_next(&q->message, fds, &n)) > 0) {
		obey(&q->message, fds, n);
		while (n > 0)
			close(fds[--n]);
	}
	/* without a keeper nobody says how to go on; what was drained cannot go back alone */
	if (rc < 0 && q->phase != IDLE && !q->drained)
		end();
}

/* ---- what is done about them ---- */

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
	if (thread->settled != q->epoch) {
		thread->settled = q->epoch;
		return 0;
	}
	thread->held = in == RF_IN_REDO;
	return thread->held;
}

/*
 * Has the drain begun? Not before all other threads are out of the engine or have sent what they
 * send, since markers must come behind it.
 */
static int draining(void)
{
	struct rf_others others;

	if (q->draining)
		return 1;
	rf_others_barrier();
	if (rf_others_look(q->id, &others) || others.moving)
		return 0;
	rf_drain_begin(q->id);
	q->draining = 1;
	return 1;
}

static enum rf_turn stopping(enum rf_at at, enum rf_inside in)
{
	enum rf_turn hold = at == RF_AT_WAIT ? RF_TURN_GO : RF_TURN_HOLD;
	struct rf_others others;
	int rc;

	if (q->failed || !draining() || rf_others_look(q->id, &others))
		return hold;
	rc = rf_drain_turn(others.probing, &q->err);
	if (rc < 0) {
		rf_report_error(RF_STEP_STOP, &q->err);
		return hold;
	}
	if (!rc)
		q->epoch++;
	if (!rc || !can_stay(at, in) || rf_others_look(q->id, &others) || others.unsafe)
		return hold;
	__atomic_store_n(&q->phase, STOPPED, __ATOMIC_RELEASE);
	rf_report(RF_STEP_STOP, rf_agree_where(at, in), NULL, 0, -1);
	q->owed = 0;
	return RF_TURN_HOLD;
}

static void ready(int failed)
{
	if (failed)
		rf_report_error(RF_STEP_READY, &q->err);
	else
		rf_report(RF_STEP_READY, RF_WHERE_COMPUTING, NULL, 0, -1);
}

static void capture(void)
{
	const char *sizes;
	int fd = -1;
	int rc = rf_move_capture(q->body, q->body_size, q->files[0], &fd, &sizes, &q->err);

	if (rc == 1) { /* restored: the keeper and its orders are others */
		q->id = q->seq = 0;
		rf_body_unmap(q->body, q->body_size); /* a page of each life, else */
		q->body = NULL;
		q->files[0] = -1;
		rf_points_restored();
		ready(rf_move_restored(&q->err));
		return;
	}
	if (rc && q->err.code == EAGAIN && rf_quiesce_ns() - q->asked < AGAIN_NS) {
		q->owed = RF_STEP_CAPTURE; /* another thread is not yet where it can be stopped */
		return;
	}
	if (rc)
		rf_report_error(RF_STEP_CAPTURE, &q->err);
	else
		rf_report_image(sizes, fd);
	if (fd >= 0)
		close(fd);
	close_files();
}

/* Is another thread in the engine, or about to go back there? */
static int is_loose(void)
{
	struct rf_others others;

	return rf_others_look(q->id, &others) || others.loose;
}

static void change(void)
{
	int failed = is_loose();

	if (failed)
		rf_error_set(&q->err, EAGAIN, "another thread does not come out of an MPI call");
	else
		failed = rf_move_switch(q->body, q->body_size, q->files, &q->err);
	if (failed)
		close_files();
	else
		q->files[0] = q->files[1] = q->files[2] = -1; /* taken over */
	ready(failed);
}

/*
 * Another thread may be about to be held. A capture that comes too early stops all threads in vain,
 * and on a busy host they would hardly run from one to the next; a switch would take the engine
 * away that the thread is in.
 */
static int is_early(void)
{
	return is_loose() && rf_quiesce_ns() - q->asked < AGAIN_NS;
}

static enum rf_turn stopped(void)
{
	enum rf_step owed = q->owed;

	if (rf_switch_guard(rf_points_progress, &q->err) && !q->failed)
		rf_report_error(RF_STEP_READY, &q->err);
	if (q->failed || ((owed == RF_STEP_CAPTURE || owed == RF_STEP_SWITCH) && is_early()))
		return RF_TURN_HOLD;
	if (owed == RF_STEP_CAPTURE || owed == RF_STEP_SWITCH)
		q->owed = 0;
	if (owed == RF_STEP_CAPTURE)
		capture();
	if (owed == RF_STEP_SWITCH)
		change();
	if (owed == RF_STEP_LEAVE)
		rf_move_leave();
	return RF_TURN_HOLD;
}

/* What was drained goes back in the engine that the rank has from now on. */
static void finish(void)
{
	if (q->owed == RF_STEP_CANCEL)
		rf_move_undo();
	else if (rf_move_finish(&q->err))
		rf_report_error(q->owed, &q->err);
	rf_giveback_begin(q->id);
	__atomic_store_n(&q->phase, RESUMING, __ATOMIC_RELEASE);
}

static enum rf_turn resuming(enum rf_at at)
{
	int rc = 1, changed;

	if (q->phase == FINISHING)
		finish();
	if (q->phase == RESUMING)
		rc = rf_giveback_turn(&q->err);
	if (rc < 0 && !q->failed)
		rf_report_error(q->owed, &q->err);
	changed = rf_move_changed();
	if (rc <= 0)
		return at == RF_AT_WAIT && !changed ? RF_TURN_GO : RF_TURN_HOLD;
	__atomic_store_n(&q->phase, ENDING, __ATOMIC_RELEASE);
	if (q->owed == RF_STEP_CANCEL && rf_move_forgets())
		return RF_TURN_GO; /* this thread may have been interrupted where it has the lock */
	rf_report(q->owed, RF_WHERE_COMPUTING, NULL, 0, -1);
	end();
	rf_move_done();
	return at == RF_AT_WAIT && changed ? RF_TURN_REDO : RF_TURN_GO;
}

static enum rf_turn act(enum rf_at at, enum rf_inside in, struct rf_handle *before)
{
	read_orders();
	rf_move_aside_turn();
	switch (q->phase) {
	case IDLE:
		/* a poke for an order that was read before */
		end();
		return RF_TURN_GO;
	case LIMITED:
		return rf_agree_turn(at, in, before);
	case STOPPING:
		return stopping(at, in);
	case STOPPED:
		return can_stay(at, in) ? stopped() : RF_TURN_GO;
	default:
		return resuming(at);
	}
}

/* What another thread does meanwhile. */
static enum rf_turn wait_for_other(enum rf_at at, enum rf_inside in)
{
	enum rf_phase phase = __atomic_load_n(&q->phase, __ATOMIC_ACQUIRE);

	if (at == RF_AT_COLLECTIVE)
		return RF_TURN_HOLD;
	if (at == RF_AT_WAIT)
		return rf_gate_self_get()->held || (phase == STOPPED && can_stay(at, in))
			       ? RF_TURN_HOLD
			       : RF_TURN_GO;
	return phase <= LIMITED && !q->serial ? RF_TURN_GO : RF_TURN_HOLD;
}

/*
 * Where only one thread at a time may be in MPI, a handler must not make calls while another one
 * is; nor can that one begin while `lock` is held.
 */
static int is_taken(enum rf_at at)
{
	struct rf_others others;

	return q->serial && at == RF_AT_SIGNAL && (rf_others_look(q->id, &others) || others.inside);
}

enum rf_turn rf_quiesce_turn(enum rf_at at, enum rf_inside in, struct rf_handle *before)
{
	struct rf_thread *self = rf_gate_self_get();
	enum rf_turn turn;

	if (at == RF_AT_WAIT) {
		uint32_t id = __atomic_load_n(&q->id, __ATOMIC_RELAXED);

		__atomic_store_n(&self->counted, id, __ATOMIC_RELEASE);
		if (rf_quiesce_closed())
			__atomic_store_n(&self->looked, id, __ATOMIC_RELEASE);
	}
	if (__atomic_exchange_n(&q->lock, 1, __ATOMIC_ACQUIRE))
		return wait_for_other(at, in);
	turn = is_taken(at) ? RF_TURN_GO : act(at, in, before);
	if (at == RF_AT_COLLECTIVE && turn == RF_TURN_GO) {
		rf_agree_begin(before);
		RF_GATE_MARK(RF_IN_COLLECTIVE); /* before another thread can look */
	}
	if (turn != RF_TURN_HOLD)
		self->held = 0;
	__atomic_store_n(&q->lock, 0, __ATOMIC_RELEASE);
	return turn;
}

int rf_quiesce_aside(void)
{
	int fds[RF_LINK_FDS], n = 0, done = 0;

	if (__atomic_exchange_n(&q->lock, 1, __ATOMIC_ACQUIRE))
		return 0;
	for (; q->phase == IDLE && rf_precopy_is(rf_link_peek()); done = 1) {
		if (rf_link_next(&q->message, fds, &n) > 0)
			rf_precopy_order(&q->message, fds, n, 1);
		while (n > 0)
			close(fds[--n]);
	}
	__atomic_store_n(&q->lock, 0, __ATOMIC_RELEASE);
	return done;
}

static void lock(void)
{
	while (__atomic_exchange_n(&q->lock, 1, __ATOMIC_ACQUIRE))
		rf_raw3(SYS_sched_yield, 0, 0, 0);
}

void rf_quiesce_held(struct rf_handle *handle)
{
	lock();
	if (handle)
		handle->collectives--;
	RF_GATE_MARK(RF_OUTSIDE);
	__atomic_store_n(&q->lock, 0, __ATOMIC_RELEASE);
}

void rf_quiesce_advance(struct rf_handle *handle)
{
	lock();
	if (q->phase == LIMITED)
		rf_limits_advance(handle);
	__atomic_store_n(&q->lock, 0, __ATOMIC_RELEASE);
}

void rf_quiesce_serial(int serial)
{
	q->serial = serial;
}

int rf_quiesce_closed(void)
{
	enum rf_phase phase = __atomic_load_n(&q->phase, __ATOMIC_ACQUIRE);

	return phase >= STOPPING;
}

unsigned rf_quiesce_advances(void)
{
	return __atomic_load_n(&q->advances, __ATOMIC_ACQUIRE);
}
