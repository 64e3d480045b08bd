/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "mpi/quiesce_threads.h"

#include <linux/membarrier.h>
#include <sys/syscall.h>

#include <string.h>

#include "engine/gate.h"
#include "engine/internal.h"
#include "mpi/redo.h"

struct search {
	uint32_t id;
	struct rf_thread *self;
	struct rf_others *others;
};

static int has_looked(const struct rf_thread *thread, uint32_t id)
{
	return __atomic_load_n(&thread->looked, __ATOMIC_ACQUIRE) == id;
}

/* Is it in this call, in the hook? Another thread may be leaving that while it is looked at. */
static int is_probing(const struct rf_thread *thread)
{
	const char *function = rf_redo_function_of(thread);

	return function && !strcmp(function, "MPI_Mprobe");
}

static void look(struct rf_thread *thread, void *arg)
{
	struct search *search = arg;
	enum rf_inside in = thread->inside ? (enum rf_inside)thread->inside : thread->waits;

	if (!thread->inside && !thread->callbacks)
		return;
	if (in == RF_IN_REDO && (thread == search->self || has_looked(thread, search->id)) &&
	    is_probing(thread))
		search->others->probing++;
	if (thread == search->self)
		return;
	search->others->inside = 1;
	if (thread->inside || !__atomic_load_n(&thread->held, __ATOMIC_RELAXED))
		search->others->loose = 1;
	if (in == RF_IN_COLLECTIVE)
		search->others->collective = 1;
	if (in != RF_IN_REDO)
		search->others->unsafe = 1;
	if (!has_looked(thread, search->id))
		search->others->moving = 1;
	if (thread->inside == RF_IN_COLLECTIVE &&
	    __atomic_load_n(&thread->counted, __ATOMIC_ACQUIRE) != search->id)
		search->others->counting = 1;
}

int rf_others_look(uint32_t id, struct rf_others *others)
{
	struct search search = {id, rf_gate_self_get(), others};

	*others = (struct rf_others){0};
	if (rf_gate_trylock())
		return -1;
	rf_gate_each_locked(look, &search);
	rf_gate_unlock();
	return 0;
}

void rf_others_prepare(void)
{
	rf_raw3(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0);
}

void rf_others_barrier(void)
{
	rf_raw3(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
}
