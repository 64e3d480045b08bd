/* SPDX-License-Identifier: BSD-3-Clause */
#include "mpi/reach.h"

#include "mpi/engine_table.h"
#include "mpi/shim.h"

static int wanted;
static void (*reached)(void);

/* Runs inside the engine, on a thread of the application or of the engine. */
void rf_reach_hook(void)
{
	struct rf_callback callback;

	if (rf_gate_callback_begin(&callback))
		return; /* the engine's own thread */
	if (__atomic_load_n(&wanted, __ATOMIC_ACQUIRE)) {
		int before = callback.thread->waits; /* what reached() waits in is not it */

		callback.thread->waits = callback.was_inside;
		reached();
		callback.thread->waits = before;
	}
	rf_gate_callback_end(&callback);
}

void rf_reach_start(void (*function)(void))
{
	reached = function;
	__atomic_store_n(&wanted, 1, __ATOMIC_RELEASE);
}

void rf_reach_stop(void)
{
	__atomic_store_n(&wanted, 0, __ATOMIC_RELEASE);
}

int rf_reach_watch(void)
{
	struct rf_thread *thread = rf_gate_thread();
	int ret;

	rf_gate_enter(thread);
	ret = rf_mpi.calls->watch(&wanted, rf_reach_hook);
	rf_gate_leave(thread);
	return ret;
}
