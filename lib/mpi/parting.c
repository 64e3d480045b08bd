/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "mpi/parting.h"

#include <errno.h>
#include <time.h>

#include "engine/internal.h"

#include "mpi/background.h"
#include "mpi/engine_table.h"
#include "mpi/shim.h"
#include "mpi/state.h"

#define PATIENCE_NS 90000000000ll /* for all ranks to come */
#define NAP_NS	    500000

static struct {
	struct rf_engine *engine; /* NULL: there is none */
	struct rf_background end;
	int lost; /* it has called exit() */
	long long deadline;
} parting;

static long long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int drop(struct rf_error *err)
{
	struct rf_engine *engine = parting.engine;
	int ret = rf_engine_drop(engine, err);

	parting.engine = NULL; /* after its threads, one of which may be in exit() */
	return ret;
}

int rf_parting_begin(struct rf_engine *engine, const struct rf_mpi_table *table,
		     struct rf_error *err)
{
	struct rf_thread *thread = rf_gate_thread_of(engine, err);
	int rc = 0;

	parting.end = (struct rf_background){.done = 0};
	parting.lost = 0;
	parting.deadline = now_ns() + PATIENCE_NS;
	parting.engine = engine;
	if (!thread) {
		drop(NULL);
		return -1;
	}
	rf_gate_enter(thread);
	rf_state_forsake(table);
	rc = table->calls->finalize(&parting.end);
	rf_gate_leave(thread);
	if (!rc)
		return 0;
	drop(NULL);
	return rf_error_set(err, EAGAIN, "the old engine cannot start a thread");
}

/* The calling thread may be in a handler, and have been interrupted while it held the lock. */
static int can_drop(void)
{
	if (rf_engines_trylock())
		return 0;
	rf_engines_unlock();
	return 1;
}

int rf_parting_turn(struct rf_error *err)
{
	int done = __atomic_load_n(&parting.end.done, __ATOMIC_ACQUIRE);
	int lost = __atomic_load_n(&parting.lost, __ATOMIC_ACQUIRE);

	if (!parting.engine)
		return 1;
	if ((!done && !lost && now_ns() < parting.deadline) || !can_drop())
		return 0;
	if (done && parting.end.rc == MPI_SUCCESS)
		return drop(err) ? -1 : 1;
	drop(NULL);
	if (done)
		return rf_error_set(err, 0, "MPI_Finalize failed in the old engine (MPI error %d)",
				    parting.end.rc);
	if (lost)
		return rf_error_set(err, 0, "the old engine's mpirun was lost");
	return rf_error_set(err, 0, "not all ranks have left the old engine within %d seconds",
			    (int)(PATIENCE_NS / 1000000000));
}

void rf_parting_end(int ms)
{
	const struct timespec nap = {0, NAP_NS};
	long long until = now_ns() + (long long)ms * 1000000;

	while (parting.engine && rf_parting_turn(NULL) == 0) {
		if (now_ns() >= until) {
			drop(NULL);
			return;
		}
		nanosleep(&nap, NULL);
	}
}

void rf_parting_forget(void)
{
	parting.engine = NULL;
}

int rf_parting_exits(const struct rf_engine *engine)
{
	if (engine != parting.engine)
		return 0;
	__atomic_store_n(&parting.lost, 1, __ATOMIC_RELEASE);
	return 1;
}
