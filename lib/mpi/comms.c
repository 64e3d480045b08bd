/* SPDX-License-Identifier: BSD-3-Clause */
#include "mpi/comms.h"

#include "mpi/engine_table.h"
#include "mpi/shim.h"

struct filling {
	struct rf_comms *comms;
	uint32_t room;
};

static int count_one(struct rf_handle *handle, void *arg)
{
	uint32_t *n = arg;

	*n += handle->kind == RF_COMM;
	return 0;
}

static int add_one(struct rf_handle *handle, void *arg)
{
	struct filling *filling = arg;

	if (handle->kind != RF_COMM || handle == rf_app(ompi_mpi_comm_null))
		return 0;
	if (filling->comms->count == filling->room)
		return 1;
	filling->comms->comm[filling->comms->count++] = (struct rf_comm){.handle = handle};
	return 0;
}

/* Inside the engine: fills in what is known of them; drops those that are not ready. */
static int describe(struct rf_comms *comms)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < comms->count; i++) {
		struct rf_comm comm = comms->comm[i];

		comm.real = comm.handle->real;
		if (rf_mpi.calls->quiesce->comm_clock(comm.real, &comm.clock))
			comms->comm[kept++] = comm;
		else
			comms->unready++;
	}
	comms->count = kept;
	return 0;
}

static int before(const struct rf_comm *a, const struct rf_comm *b)
{
	int alone = a->clock.members < 2, b_alone = b->clock.members < 2;

	return alone != b_alone ? alone < b_alone : rf_clock_compare(&a->clock, &b->clock) < 0;
}

/* Shell sort, as the one of libc may allocate; gaps as in Knuth, TAOCP 5.2.1. */
static void sort(struct rf_comm *comm, size_t n)
{
	size_t gap = 1;

	while (gap < n / 3)
		gap = gap * 3 + 1;
	for (; gap; gap /= 3) {
		for (size_t i = gap; i < n; i++) {
			struct rf_comm moving = comm[i];
			size_t k = i;

			for (; k >= gap && before(&moving, &comm[k - gap]); k -= gap)
				comm[k] = comm[k - gap];
			comm[k] = moving;
		}
	}
}

int rf_comms_take(struct rf_comms *comms, struct rf_arena *arena)
{
	struct filling filling = {comms, 0};
	int rc;

	*comms = (struct rf_comms){0};
	if (rf_handle_visit(count_one, &filling.room) < 0)
		return 1;
	comms->comm = rf_arena_take(arena, (filling.room + 1) * sizeof(*comms->comm));
	if (!comms->comm)
		return -1;
	if (rf_handle_visit(add_one, &filling))
		return 1;
	rf_gate_enter(rf_gate_thread());
	rc = describe(comms);
	rf_gate_leave(rf_gate_self_get());
	sort(comms->comm, comms->count);
	while (comms->shared < comms->count && comms->comm[comms->shared].clock.members >= 2)
		comms->shared++;
	for (uint32_t i = 0; i < comms->count; i++)
		comms->comm[i].clock.seq = comms->comm[i].handle->collectives;
	return rc;
}

const struct rf_comm *rf_comms_find(const struct rf_comms *comms, const struct rf_clock *clock)
{
	uint32_t low = 0, high = comms->shared;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = rf_clock_compare(&comms->comm[middle].clock, clock);

		if (!order)
			return &comms->comm[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}
