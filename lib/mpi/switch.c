/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "mpi/switch.h"

#include <pthread.h>
#include <signal.h>

#include "mpi/alias.h"
#include "mpi/engine_table.h"
#include "mpi/places.h"
#include "mpi/reach.h"
#include "mpi/request.h"
#include "mpi/shim.h"
#include "mpi/start.h"
#include "mpi/state.h"
#include "mpi/time.h"

/* The engine before the current one, while there is a way back. */
static struct {
	struct rf_engine *engine;
	struct rf_mpi_table table;
	int open; /* between rf_switch() and finish or undo */
} old;

/* The engine's threads inherit the mask, and must not run handlers of the application. */
static int init(struct rf_engine *engine, const struct rf_mpi_table *table, struct rf_error *err)
{
	struct rf_thread *thread = rf_gate_thread_of(engine, err);
	int rc, level, wanted = rf_state_level();
	sigset_t all, mask;

	if (!thread)
		return -1;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &mask);
	rf_gate_enter(thread);
	rc = table->MPI_Init_thread(NULL, NULL, wanted, &level);
	rf_gate_leave(thread);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	if (rc != MPI_SUCCESS)
		return rf_error_set(err, 0, "MPI_Init failed in a new engine (MPI error %d)", rc);
	if (level < wanted)
		return rf_error_set(err, 0, "a new engine gives thread level %d, and not %d", level,
				    wanted);
	return 0;
}

static void use(struct rf_engine *engine, const struct rf_mpi_table *table)
{
	rf_mpi = *table;
	rf_own_window = (uintptr_t)table & ~(RF_WINDOW_SIZE - 1);
	rf_engine_use(engine);
}

int rf_switch(char *const envp[], struct rf_error *err)
{
	struct rf_engine *engine;
	const struct rf_mpi_table *table;

	if (old.open)
		return rf_error_set(err, 0, "the last change of engines has not ended");
	engine = rf_engine_load(rf_place_engine(), envp, err);
	if (!engine)
		return -1;
	table = rf_engine_table(engine);
	if (init(engine, table, err)) {
		rf_engine_drop(engine, NULL);
		return rf_error_prefix(err, "changing engines");
	}
	old.engine = rf_engine_current();
	old.table = rf_mpi;
	old.open = 1;
	use(engine, table);
	if (rf_reach_watch()) {
		rf_error_set(err, 0, "Open MPI's progress loop takes no callback");
		goto fail;
	}
	if (rf_state_rebuild(err))
		goto fail;
	rf_state_adopt();
	if (!old.engine)
		rf_time_continue(rf_state_elapsed());
	return 0;
fail:
	rf_alias_undo();
	use(old.engine, &old.table);
	rf_engine_drop(engine, NULL);
	old.open = 0;
	return rf_error_prefix(err, "rebuilding MPI state in a new engine");
}

int rf_switch_undo(struct rf_error *err)
{
	struct rf_engine *engine = rf_engine_current();

	if (!old.open || !old.engine)
		return rf_error_set(err, 0, "there is no earlier engine to go back to");
	rf_state_revert();
	use(old.engine, &old.table);
	rf_engine_drop(engine, NULL);
	old.open = 0;
	return 0;
}

int rf_switch_finish(struct rf_error *err)
{
	struct rf_thread *thread;
	int rc, ret = 0;

	if (!old.open)
		return 0;
	old.open = 0;
	if (old.engine) {
		thread = rf_gate_thread_of(old.engine, err);
		if (!thread)
			return -1;
		rf_gate_enter(thread);
		rf_state_forsake(&old.table);
		rc = old.table.MPI_Finalize();
		rf_gate_leave(thread);
		if (rc != MPI_SUCCESS)
			ret = rf_error_set(
				err, 0, "MPI_Finalize failed in the old engine (MPI error %d)", rc);
		if (rf_engine_drop(old.engine, err))
			ret = -1;
	}
	rf_alias_finish();
	rf_state_drop();
	return ret;
}

int rf_switch_leave(struct rf_error *err)
{
	struct rf_thread *thread = rf_gate_thread_of(rf_engine_current(), err);
	int rc;

	if (!thread)
		return -1;
	rf_gate_enter(thread);
	rf_state_forsake(&rf_mpi);
	rc = rf_mpi.MPI_Finalize();
	rf_gate_leave(thread);
	return rc == MPI_SUCCESS ? 0
				 : rf_error_set(err, 0, "MPI_Finalize failed (MPI error %d)", rc);
}
