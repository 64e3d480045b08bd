/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "mpi/switch.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>

#include "engine/internal.h"
#include "engine/raw.h"

#include "mpi/alias.h"
#include "mpi/coming.h"
#include "mpi/engine_table.h"
#include "mpi/parting.h"
#include "mpi/places.h"
#include "mpi/poke.h"
#include "mpi/reach.h"
#include "mpi/request.h"
#include "mpi/shim.h"
#include "mpi/start.h"
#include "mpi/state.h"
#include "mpi/time.h"
#include "mpi/variables.h"
#include "wire/step.h"

#define PATIENCE 90 /* seconds for all ranks to come */

/* The engine before the current one, while there is a way back. */
static struct {
	struct rf_engine *engine;
	struct rf_mpi_table table;
	uintptr_t window;
	int open; /* between rf_switch() and finish or undo */
	int lost; /* it has called exit() meanwhile: there is no way back */
} old;

/*
 * An engine whose end is not the rank's: a new one that has not proved itself, or that of a rank
 * which goes on in another process. When its mpirun is lost Open MPI calls exit(), and when another
 * rank does not come it waits for ever: then the calling thread jumps out of it, and it is thrown
 * away. (Another one is the old engine in the background, parting.h.)
 */
static struct {
	struct rf_engine *engine; /* NULL: there is none */
	sigjmp_buf out;
	pid_t thread;
	int lost; /* it has called exit() on a thread of its own */
	long deadline;
} trial;

static long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* Any thread; see rf_engine_on_exit(). */
static void ends(struct rf_engine *engine, int status, struct rf_thread *thread)
{
	if (rf_parting_exits(engine) || rf_coming_exits(engine))
		return;
	if (old.open && engine == old.engine && !thread) {
		old.lost = 1;
		return;
	}
	if (engine != trial.engine) {
		if (!thread)
			rf_raw3(SYS_exit_group, (unsigned long)status, 0, 0);
		return;
	}
	trial.lost = 1;
	if (thread)
		siglongjmp(trial.out, 1);
	if (rf_poke_installed())
		rf_poke_forward(trial.thread);
}

void rf_switch_poked(void)
{
	const struct rf_thread *thread = rf_gate_self_any();

	if (!trial.engine || !thread || !thread->inside ||
	    rf_raw3(SYS_gettid, 0, 0, 0) != trial.thread || (!trial.lost && now() < trial.deadline))
		return;
	siglongjmp(trial.out, 1);
}

/* The keeper's pokes get through meanwhile: they look whether to give up. */
static unsigned long trial_begin(struct rf_engine *engine)
{
	unsigned long poke = 1ul << (RF_POKE_SIGNAL - 1), mask = 0;

	trial.thread = (pid_t)rf_raw3(SYS_gettid, 0, 0, 0);
	trial.lost = 0;
	trial.deadline = now() + PATIENCE;
	trial.engine = engine;
	rf_engine_on_exit(ends);
	rf_raw4(SYS_rt_sigprocmask, SIG_UNBLOCK, (unsigned long)&poke, (unsigned long)&mask, 8);
	return mask;
}

static void trial_end(unsigned long mask)
{
	trial.engine = NULL;
	RF_GATE_MARK(RF_OUTSIDE);
	rf_raw4(SYS_rt_sigprocmask, SIG_SETMASK, (unsigned long)&mask, 0, 8);
}

static int gave_up(struct rf_error *err)
{
	return rf_error_set(
		err, 0, trial.lost ? "its mpirun was lost" : "not all ranks came within %d seconds",
		PATIENCE);
}

static int check_level(int level, struct rf_error *err)
{
	if (level >= rf_state_level())
		return 0;
	return rf_error_set(err, 0, "a new engine gives thread level %d, and not %d", level,
			    rf_state_level());
}

/* The engine's threads inherit the mask, and must not run handlers of the application. */
static int init(struct rf_engine *engine, const struct rf_mpi_table *table, struct rf_error *err)
{
	struct rf_thread *thread = rf_gate_thread_of(engine, err);
	int rc, level;
	sigset_t all, mask;

	if (!thread)
		return -1;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &mask);
	rf_gate_enter(thread);
	rc = table->MPI_Init_thread(NULL, NULL, rf_state_level(), &level);
	rf_gate_leave(thread);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	if (rc != MPI_SUCCESS)
		return rf_error_set(err, 0, "MPI_Init failed in a new engine (MPI error %d)", rc);
	return check_level(level, err);
}

/* MPI_Init was called on another thread. */
static int claim(struct rf_engine *engine, const struct rf_mpi_table *table, struct rf_error *err)
{
	struct rf_thread *thread = rf_gate_thread_of(engine, err);
	int rc;

	if (!thread)
		return -1;
	rf_gate_enter(thread);
	rc = table->calls->claim();
	rf_gate_leave(thread);
	return rc;
}

static void use(struct rf_engine *engine, const struct rf_mpi_table *table, uintptr_t window)
{
	rf_mpi = *table;
	rf_own_window = window;
	rf_engine_use(engine);
}

/* `level`: that it has come with; -1: MPI_Init is still to be called. */
static int begin(struct rf_engine *engine, int level, struct rf_error *err)
{
	const struct rf_mpi_table *table = rf_engine_table(engine);

	if (level < 0 ? init(engine, table, err)
		      : check_level(level, err) || claim(engine, table, err))
		return -1;
	use(engine, table, (uintptr_t)table & ~(RF_WINDOW_SIZE - 1));
	if (rf_reach_watch())
		return rf_error_set(err, 0, "Open MPI's progress loop takes no callback");
	return rf_state_rebuild(err);
}

void rf_switch_watch(void)
{
	rf_engine_on_exit(ends);
}

int rf_switch(char *const envp[], struct rf_error *err)
{
	int failed, level = -1;
	struct rf_engine *engine;
	char *const *variables;
	unsigned long mask;

	if (old.open)
		return rf_error_set(err, 0, "the last change of engines has not ended");
	if (!rf_engine_current())
		rf_parting_forget();
	rf_parting_end(0);
	engine = rf_coming_take(&level);
	if (!engine) {
		variables = rf_variables_make(envp, err);
		engine = variables ? rf_engine_load(rf_place_engine(), variables, err) : NULL;
	}
	if (!engine)
		return -1;
	old.engine = rf_engine_current();
	old.table = rf_mpi;
	old.window = rf_own_window;
	mask = trial_begin(engine);
	failed = sigsetjmp(trial.out, 0) ? gave_up(err) : begin(engine, level, err);
	trial_end(mask);
	if (failed) {
		rf_alias_undo();
		use(old.engine, &old.table, old.window);
		rf_engine_drop(engine, NULL);
		return rf_error_prefix(err, "taking another engine");
	}
	rf_state_adopt();
	old.lost = 0;
	old.open = 1;
	if (!old.engine)
		rf_time_continue(rf_state_elapsed());
	return 0;
}

int rf_switch_undo(struct rf_error *err)
{
	struct rf_engine *engine = rf_engine_current();

	if (!old.open || !old.engine)
		return rf_error_set(err, 0, "there is no earlier engine to go back to");
	if (old.lost)
		return rf_error_set(err, 0, "the earlier engine's mpirun was lost");
	rf_state_revert();
	use(old.engine, &old.table, old.window);
	rf_engine_drop(engine, NULL);
	old.open = 0;
	return 0;
}

static int finalize(struct rf_engine *engine, const struct rf_mpi_table *table,
		    struct rf_error *err)
{
	struct rf_thread *thread = rf_gate_thread_of(engine, err);
	int rc;

	if (!thread)
		return -1;
	rf_gate_enter(thread);
	rf_state_forsake(table);
	rc = table->MPI_Finalize();
	rf_gate_leave(thread);
	if (rc == MPI_SUCCESS)
		return 0;
	return rf_error_set(err, 0, "MPI_Finalize failed (MPI error %d)", rc);
}

int rf_switch_finish(struct rf_error *err)
{
	int ret = 0;

	if (!old.open)
		return 0;
	old.open = 0;
	if (old.lost) {
		rf_engine_drop(old.engine, NULL);
		ret = rf_error_set(err, 0, "the old engine's mpirun was lost");
	} else if (old.engine && rf_parting_begin(old.engine, &old.table, err)) {
		ret = rf_error_prefix(err, "leaving the old engine");
	}
	rf_alias_finish();
	rf_state_drop();
	return ret;
}

int rf_switch_leave(struct rf_error *err)
{
	struct rf_mpi_table table = rf_mpi;
	unsigned long mask = trial_begin(rf_engine_current());
	int ret =
		sigsetjmp(trial.out, 0) ? gave_up(err) : finalize(rf_engine_current(), &table, err);

	trial_end(mask);
	return ret;
}
