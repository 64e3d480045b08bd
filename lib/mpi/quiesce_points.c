/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "mpi/quiesce_points.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/internal.h"
#include "engine/raw.h"
#include "mpi/collective.h"
#include "mpi/engine_table.h"
#include "mpi/link.h"
#include "mpi/pids.h"
#include "mpi/poke.h"
#include "mpi/quiesce.h"
#include "mpi/quiesce_threads.h"
#include "mpi/quiesce_move.h"
#include "mpi/quiesce_parts.h"
#include "mpi/reach.h"
#include "mpi/redo.h"
#include "mpi/switch.h"

#define HELD_MS 1 /* between looks at the link */
/* Turns without a wait, at first, as what is held usually goes on at once; and not for longer:
 * where others take the CPU in each of them, nothing could stop the thread meanwhile. */
#define EAGER_TURNS 2000
#define EAGER_NS    2000000

/* Set while the thread is in one of the functions below: a poke does not enter them again. */
static __thread int busy __attribute__((tls_model("initial-exec")));
static pid_t main_thread; /* that has called MPI_Init */
static int main_looks;	  /* it is in one of them */

/* The kernel's call: libc's keeps 33 out of a mask. */
static uint64_t block(void)
{
	uint64_t all = ~0ul, old = 0;

	rf_raw4(SYS_rt_sigprocmask, SIG_SETMASK, (unsigned long)&all, (unsigned long)&old, 8);
	return old;
}

static void restore(uint64_t mask)
{
	rf_raw4(SYS_rt_sigprocmask, SIG_SETMASK, (unsigned long)&mask, 0, 8);
}

/* While messages may be sent the application's handlers may run. */
static void pause_turn(int eager, uint64_t mask)
{
	const uint64_t stop = 1ul << 32; /* what stops a thread for an image must come through */
	uint64_t old;

	if (eager) {
		rf_raw3(SYS_sched_yield, 0, 0, 0);
		return;
	}
	old = block();
	restore(rf_quiesce_closed() ? ~stop : mask);
	rf_link_wait(HELD_MS);
	restore(old);
}

/* Takes turns until the thread may go on. */
static void look(enum rf_at at, enum rf_inside in, struct rf_handle *before)
{
	unsigned turn = 0, advances = rf_quiesce_advances();
	enum rf_turn next;
	uint64_t begun = 0;
	int is_main = rf_raw3(SYS_gettid, 0, 0, 0) == main_thread;
	uint64_t mask;

	busy++;
	if (is_main)
		__atomic_store_n(&main_looks, 1, __ATOMIC_RELAXED);
	mask = block();
	while ((next = rf_quiesce_turn(at, in, before)) == RF_TURN_HOLD) {
		if (!turn)
			begun = rf_quiesce_ns();
		pause_turn(turn++ < EAGER_TURNS && rf_quiesce_ns() - begun < EAGER_NS, mask);
		if (at == RF_AT_COLLECTIVE && rf_quiesce_advances() != advances) {
			advances = rf_quiesce_advances();
			rf_quiesce_advance(before);
		}
	}
	if (is_main)
		__atomic_store_n(&main_looks, 0, __ATOMIC_RELAXED);
	restore(mask);
	busy--;
	if (next == RF_TURN_REDO)
		rf_redo();
}

static void at_entry(void)
{
	if (busy)
		return;
	__atomic_store_n(&rf_gate_self_get()->counted, 0, __ATOMIC_RELEASE);
	look(RF_AT_ENTRY, RF_OUTSIDE, NULL);
}

/*
 * A thread that does not lead may have been held here too while the engine was exchanged. The one
 * that it came from is the one it was attached to: that may be another one already when it comes
 * here, and a later engine may be in the same place as an earlier one. It has no number if a
 * handler has made an engine for later, just before the thread entered this one.
 */
static void in_wait(void)
{
	struct rf_thread *thread = rf_gate_self_get();
	const struct rf_engine *engine = rf_engine_current();
	unsigned long generation = thread->generation;

	if (busy)
		return;
	if (!generation && engine)
		generation = engine->generation;
	look(RF_AT_WAIT, (enum rf_inside)thread->waits, NULL);
	engine = rf_engine_current();
	if (!engine || engine->generation != generation)
		rf_redo();
}

void rf_quiesce_collective(struct rf_handle *handle)
{
	if (busy)
		return;
	busy++; /* a poke that came while it has the lock would wait for it for ever */
	rf_quiesce_held(handle);
	busy--;
	look(RF_AT_COLLECTIVE, RF_OUTSIDE, handle);
	busy++;			/* it is inside for all others now, and is not held again */
	(void)rf_gate_thread(); /* of the engine that is there now */
	busy--;
}

void rf_points_open(void)
{
	__atomic_store_n(&rf_pending, 1, __ATOMIC_RELEASE);
	rf_gate_interrupt(at_entry);
	rf_reach_start(in_wait);
}

void rf_points_close(void)
{
	__atomic_store_n(&rf_pending, 0, __ATOMIC_RELEASE);
	rf_gate_interrupt_end();
	rf_reach_stop();
}

void rf_points_progress(void)
{
	int none;

	RF_CALL(none, calls->quiesce->progress());
	(void)none;
}

/* What can be done at any moment, but where FS is an engine's: there is no libc then. */
static int aside(void)
{
	const struct rf_thread *thread = rf_gate_self_any();
	int saved, done;

	if (!thread || (rf_gate_switches && thread->inside) || busy)
		return 0;
	saved = errno;
	done = rf_quiesce_aside();
	errno = saved;
	return done;
}

/*
 * On any thread, anywhere; maybe one of an engine's own, or on an engine's thread block (gate.h).
 * Only the thread that has called MPI_Init acts in the handler: others may not be allowed to call
 * MPI. It is told if another one got the signal.
 */
static void poked(void)
{
	struct rf_thread *thread;

	rf_switch_poked();
	if (rf_link_fd() < 0)
		return;
	if (rf_raw3(SYS_gettid, 0, 0, 0) == main_thread && aside())
		return;
	rf_points_open();
	if (rf_raw3(SYS_gettid, 0, 0, 0) != main_thread) {
		if (!__atomic_load_n(&main_looks, __ATOMIC_RELAXED))
			rf_poke_forward(main_thread);
		return;
	}
	thread = rf_gate_self_any(); /* NULL: it is just loading an engine */
	if (thread && !thread->inside && !thread->callbacks && !busy)
		look(RF_AT_SIGNAL, RF_OUTSIDE, NULL);
}

void rf_points_join(void)
{
	const char *keeper = getenv("RANKFERRY_KEEPER");
	struct rf_error err;
	char name[64] = "", reason[128] = "";
	int rank, rc, readable, level;

	if (!keeper || !*keeper)
		return;
	main_thread = (pid_t)rf_raw3(SYS_gettid, 0, 0, 0);
	RF_CALL(readable, calls->quiesce->readable(name, sizeof(name)));
	RF_CALL(rc, MPI_Comm_rank(rf_real(rf_app(ompi_mpi_comm_world)), &rank));
	if (rc == MPI_SUCCESS)
		RF_CALL(rc, MPI_Query_thread(&level));
	if (rc != MPI_SUCCESS)
		return;
	rf_others_prepare();
	rf_quiesce_serial(level < MPI_THREAD_MULTIPLE);
	if (!readable)
		snprintf(reason, sizeof(reason),
			 "Open MPI's point-to-point layer is %s, and only ob1 is understood", name);
	if (rf_poke_install(poked, &err) || rf_link_open(keeper, rank, reason, &err))
		dprintf(STDERR_FILENO, "rankferry: rank %d cannot be stopped for snapshots: %s\n",
			rank, err.text);
}

void rf_points_restored(void)
{
	main_thread = rf_pids_renamed(main_thread);
}

void rf_points_leave(void)
{
	rf_link_close();
	rf_points_close();
}
