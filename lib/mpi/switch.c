/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "mpi/switch.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>

#include "engine/internal.h"
#include "engine/raw.h"

#include "mpi/alias.h"
#include "mpi/coming.h"
#include "mpi/engine_table.h"
#include "mpi/link.h"
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

/*
 * An engine's end is the rank's, but for these, each of which has its turn without a gap: the one
 * that comes (coming.h), the one that is tried, the one that waits for its use to be final, and the
 * one before it, until that has left (parting.h). When its mpirun is lost Open MPI calls exit().
 */

/* The engine before the current one, while there is a way back. */
static struct {
	struct rf_engine *engine;
	struct rf_mpi_table table;
	uintptr_t window;
	int open; /* between rf_switch() and finish or undo */
	int lost; /* it has called exit() meanwhile: there is no way back */
} old;

/*
 * The one that is tried: a new one, or that of a rank which goes on in another process. When
 * another rank does not come it waits for ever: then the calling thread jumps out of it, as when it
 * has called exit(), and it is thrown away.
 */
static struct {
	struct rf_engine *engine; /* NULL: there is none */
	sigjmp_buf out;
	pid_t thread;
	int callbacks; /* that the thread was in when it began */
	int lost;      /* it has called exit() */
	int status;
	long deadline;
} trial;

/* The current one, while it can be undone: not in a restored process, which cannot go back. */
static struct {
	struct rf_engine *engine;
	/* LOST: it has called exit(), or was left in the middle of a call */
	enum fresh_state { FINAL, OPEN, LOST } state;
	int status;
	struct rf_error left; /* why, in the second case */
} fresh;

static long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

static int is_tried(const struct rf_engine *engine)
{
	return engine == __atomic_load_n(&trial.engine, __ATOMIC_ACQUIRE);
}

/*
 * The thread that tries it may be between two calls of it just now: it is told until it knows, and
 * throws the engine away with this thread; or it was through already.
 */
static void trial_lost(struct rf_engine *engine, int status, struct rf_thread *thread)
{
	const struct timespec nap = {0, 5000000};

	trial.status = status;
	__atomic_store_n(&trial.lost, 1, __ATOMIC_RELEASE);
	if (thread)
		siglongjmp(trial.out, 1);
	while (is_tried(engine)) {
		if (rf_poke_installed())
			rf_poke_forward(trial.thread);
		rf_raw3(SYS_nanosleep, &nap, NULL, 0);
	}
}

static int fresh_lost(const struct rf_engine *engine, int status)
{
	enum fresh_state state = OPEN;

	if (engine != fresh.engine)
		return 0;
	fresh.status = status;
	return __atomic_compare_exchange_n(&fresh.state, &state, LOST, 0, __ATOMIC_ACQ_REL,
					   __ATOMIC_ACQUIRE) ||
	       state == LOST;
}

static int old_lost(const struct rf_engine *engine)
{
	if (engine != old.engine || !__atomic_load_n(&old.open, __ATOMIC_SEQ_CST))
		return 0;
	__atomic_store_n(&old.lost, 1, __ATOMIC_SEQ_CST);
	return __atomic_load_n(&old.open, __ATOMIC_SEQ_CST); /* else nobody looks at that */
}

/* Any thread; see rf_engine_on_exit(). In the order in which an engine's part changes. */
static void ends(struct rf_engine *engine, int status, struct rf_thread *thread)
{
	if (rf_coming_exits(engine))
		return;
	if (is_tried(engine))
		trial_lost(engine, status, thread);
	if (thread || rf_coming_exits(engine)) /* not taken after all */
		return;
	if (!fresh_lost(engine, status) && !old_lost(engine) && !rf_parting_exits(engine))
		rf_raw3(SYS_exit_group, (unsigned long)status, 0, 0);
}

/*
 * From the keeper's poke: is the call to be given up? The poke's handler is the only one that the
 * gate does not wrap: it may be on the engine's thread block, and where it jumps to is not.
 */
void rf_switch_poked(void)
{
	struct rf_thread *thread = rf_gate_self_any();

	if (!trial.engine || !thread || !thread->inside ||
	    rf_raw3(SYS_gettid, 0, 0, 0) != trial.thread)
		return;
	if (!__atomic_load_n(&trial.lost, __ATOMIC_ACQUIRE) && now() < trial.deadline &&
	    !rf_link_cancelled())
		return;
	rf_gate_leave(thread);
	siglongjmp(trial.out, 1);
}

/* The keeper's pokes get through meanwhile: they look whether to give up. */
static unsigned long trial_begin(struct rf_engine *engine)
{
	unsigned long poke = 1ul << (RF_POKE_SIGNAL - 1), mask = 0;

	trial.thread = (pid_t)rf_raw3(SYS_gettid, 0, 0, 0);
	trial.callbacks = rf_gate_self_get()->callbacks;
	trial.lost = 0;
	trial.status = EXIT_FAILURE;
	trial.deadline = now() + PATIENCE;
	__atomic_store_n(&trial.engine, engine, __ATOMIC_RELEASE);
	rf_engine_on_exit(ends);
	rf_raw4(SYS_rt_sigprocmask, SIG_UNBLOCK, (unsigned long)&poke, (unsigned long)&mask, 8);
	return mask;
}

/* The thread is out of it, maybe by a jump; an exit() is still the trial's. */
static void trial_left(unsigned long mask)
{
	rf_gate_self_get()->callbacks = trial.callbacks;
	RF_GATE_MARK(RF_OUTSIDE);
	rf_raw4(SYS_rt_sigprocmask, SIG_SETMASK, (unsigned long)&mask, 0, 8);
}

static void trial_end(void)
{
	__atomic_store_n(&trial.engine, NULL, __ATOMIC_RELEASE);
}

static int gave_up(struct rf_error *err)
{
	if (trial.lost)
		return rf_error_set(err, 0, "its mpirun was lost");
	if (now() < trial.deadline)
		return rf_error_set(err, ECANCELED, "it was cancelled");
	return rf_error_set(err, 0, "not all ranks came within %d seconds", PATIENCE);
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
	rf_own_set(window);
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

static int attempt(struct rf_engine *engine, int level, struct rf_error *err)
{
	if (sigsetjmp(trial.out, 0))
		return gave_up(err);
	if (begin(engine, level, err))
		return -1;
	return __atomic_load_n(&trial.lost, __ATOMIC_ACQUIRE) ? gave_up(err) : 0;
}

void rf_switch_watch(void)
{
	rf_engine_on_exit(ends);
}

/* The one that has come, or else another; tried from now on. */
static struct rf_engine *take(char *const envp[], int *level, unsigned long *mask,
			      struct rf_error *err)
{
	struct rf_engine *engine = rf_coming_engine();
	char *const *variables;

	*level = -1;
	if (engine) {
		*mask = trial_begin(engine);
		if (rf_coming_take(level, err) == 0)
			return engine;
		trial_left(*mask);
		trial_end();
		return NULL;
	}
	variables = rf_variables_make(envp, err);
	engine = variables ? rf_engine_load(rf_place_engine(), variables, err) : NULL;
	if (engine)
		*mask = trial_begin(engine);
	return engine;
}

int rf_switch(char *const envp[], struct rf_error *err)
{
	struct rf_engine *engine;
	unsigned long mask;
	int failed, level;

	if (old.open)
		return rf_error_set(err, 0, "the last change of engines has not ended");
	if (!rf_engine_current())
		rf_parting_forget();
	rf_parting_end(0);
	engine = take(envp, &level, &mask, err);
	if (!engine)
		return rf_error_prefix(err, "taking another engine");
	old.engine = rf_engine_current();
	old.table = rf_mpi;
	old.window = rf_own_window;
	failed = attempt(engine, level, err);
	trial_left(mask);
	if (failed) {
		rf_alias_undo();
		use(old.engine, &old.table, old.window);
		rf_engine_drop(engine, NULL);
		trial_end();
		return rf_error_prefix(err, "taking another engine");
	}
	rf_state_adopt();
	old.lost = 0;
	__atomic_store_n(&old.open, 1, __ATOMIC_SEQ_CST);
	fresh.engine = old.engine ? engine : NULL;
	fresh.left.text[0] = 0;
	__atomic_store_n(&fresh.state, old.engine ? OPEN : FINAL, __ATOMIC_RELEASE);
	trial_end();
	if (!old.engine)
		rf_time_continue(rf_state_elapsed());
	return 0;
}

int rf_switch_guard(void (*function)(void), struct rf_error *err)
{
	unsigned long mask;

	if (fresh.state == OPEN) {
		mask = trial_begin(fresh.engine);
		if (sigsetjmp(trial.out, 0)) {
			gave_up(&fresh.left);
			trial.lost = 1; /* it cannot be entered again */
		} else {
			function();
		}
		if (__atomic_load_n(&trial.lost, __ATOMIC_ACQUIRE))
			fresh_lost(fresh.engine, trial.status);
		trial_left(mask);
		trial_end();
	} else if (fresh.state == FINAL) {
		function();
	}
	if (fresh.state != LOST)
		return 0;
	if (!fresh.left.text[0])
		return rf_error_set(err, 0, "the new engine's mpirun was lost");
	*err = fresh.left;
	return rf_error_prefix(err, "the new engine was given up");
}

int rf_switch_undo(struct rf_error *err)
{
	struct rf_engine *engine = rf_engine_current();

	if (!old.open || !old.engine)
		return rf_error_set(err, 0, "there is no earlier engine to go back to");
	if (!old.lost) {
		rf_state_revert();
		use(old.engine, &old.table, old.window);
		rf_engine_drop(engine, NULL);
		fresh.engine = NULL;
		fresh.state = FINAL;
		__atomic_store_n(&old.open, 0, __ATOMIC_SEQ_CST);
	}
	return old.lost ? rf_error_set(err, 0, "the earlier engine's mpirun was lost") : 0;
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

/* What an exit() has been put off for is over. */
static void settle(void)
{
	int state = __atomic_exchange_n(&fresh.state, FINAL, __ATOMIC_ACQ_REL);

	fresh.engine = NULL;
	if (state == LOST)
		rf_raw3(SYS_exit_group, (unsigned long)fresh.status, 0, 0);
}

int rf_switch_finish(struct rf_error *err)
{
	int ret = 0;

	if (!old.open)
		return 0;
	settle();
	if (old.lost) {
		rf_engine_drop(old.engine, NULL);
		ret = rf_error_set(err, 0, "the old engine's mpirun was lost");
	} else if (old.engine && rf_parting_begin(old.engine, &old.table, err)) {
		ret = rf_error_prefix(err, "leaving the old engine");
	}
	__atomic_store_n(&old.open, 0, __ATOMIC_SEQ_CST);
	if (old.engine && __atomic_load_n(&old.lost, __ATOMIC_SEQ_CST))
		rf_parting_exits(old.engine); /* since before that was its part */
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

	trial_left(mask);
	trial_end();
	return ret;
}
