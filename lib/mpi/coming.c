/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "mpi/coming.h"

#include <errno.h>

#include "engine/internal.h"

#include "mpi/background.h"
#include "mpi/engine_table.h"
#include "mpi/places.h"
#include "mpi/shim.h"
#include "mpi/variables.h"

static struct {
	struct rf_engine *engine; /* NULL: there is none */
	struct rf_background begun;
	int lost; /* it has called exit() */
} coming;

/* The calling thread may be in a handler, and have been interrupted while it held the lock. */
static int can_load(void)
{
	if (rf_engines_trylock())
		return 0;
	rf_engines_unlock();
	return 1;
}

static void drop(void)
{
	rf_engine_drop(coming.engine, NULL);
	coming.engine = NULL; /* after its threads, one of which may be in exit() */
}

static int start(int level)
{
	const struct rf_mpi_table *table = rf_engine_table(coming.engine);
	struct rf_error err;
	struct rf_thread *thread = rf_gate_thread_of(coming.engine, &err);
	int rc = -1;

	if (!thread)
		return -1;
	rf_gate_enter(thread);
	rc = table->calls->init(level, &coming.begun);
	rf_gate_leave(thread);
	return rc;
}

int rf_coming_begin(char *const envp[], struct rf_error *err)
{
	char *const *variables;
	int rc, level;

	if (!can_load())
		return 0;
	if (coming.engine)
		drop();
	rf_variables_note();
	variables = rf_variables_make(envp, err);
	if (!variables)
		return -1;
	RF_CALL(rc, MPI_Query_thread(&level));
	if (rc != MPI_SUCCESS)
		return rf_error_set(err, 0, "MPI_Query_thread failed (MPI error %d)", rc);
	coming.begun = (struct rf_background){.done = 0};
	coming.lost = 0;
	coming.engine = rf_engine_load(rf_place_engine(), variables, err);
	if (!coming.engine)
		return -1;
	if (start(level) == 0)
		return 1;
	drop();
	return rf_error_set(err, EAGAIN, "a new engine cannot start a thread");
}

/* 1: it is there; 0: not yet; -1: it will not be, or was lost since. */
static int state(struct rf_error *err)
{
	if (__atomic_load_n(&coming.lost, __ATOMIC_ACQUIRE))
		return rf_error_set(err, 0, "the new engine's mpirun was lost");
	if (!__atomic_load_n(&coming.begun.done, __ATOMIC_ACQUIRE))
		return 0;
	if (coming.begun.rc == MPI_SUCCESS)
		return 1;
	return rf_error_set(err, 0, "MPI_Init failed in a new engine (MPI error %d)",
			    coming.begun.rc);
}

int rf_coming_turn(struct rf_error *err)
{
	int rc;

	if (!coming.engine)
		return rf_error_set(err, 0, "there is no new engine");
	rc = state(err);
	if (rc < 0 && !can_load())
		return 0;
	if (rc < 0)
		drop();
	return rc;
}

void rf_coming_is(struct rf_engine *engine, int level)
{
	coming.begun = (struct rf_background){.done = 1, .rc = MPI_SUCCESS, .level = level};
	coming.lost = 0;
	coming.engine = engine;
}

struct rf_engine *rf_coming_engine(void)
{
	return coming.engine;
}

int rf_coming_take(int *level, struct rf_error *err)
{
	struct rf_engine *engine = coming.engine;
	int rc = state(err);

	if (rc == 0)
		rc = rf_error_set(err, 0, "the new engine has not come");
	if (rc < 0)
		return -1;
	*level = coming.begun.level;
	__atomic_store_n(&coming.engine, NULL, __ATOMIC_SEQ_CST);
	if (!__atomic_load_n(&coming.lost, __ATOMIC_SEQ_CST))
		return 0;
	__atomic_store_n(&coming.engine, engine, __ATOMIC_SEQ_CST);
	return state(err);
}

int rf_coming_drop(void)
{
	if (coming.engine && !can_load())
		return 0;
	if (coming.engine)
		drop();
	return 1;
}

int rf_coming_exits(const struct rf_engine *engine)
{
	if (!engine || engine != __atomic_load_n(&coming.engine, __ATOMIC_SEQ_CST))
		return 0;
	__atomic_store_n(&coming.lost, 1, __ATOMIC_SEQ_CST);
	return engine == __atomic_load_n(&coming.engine, __ATOMIC_SEQ_CST); /* not taken since */
}
