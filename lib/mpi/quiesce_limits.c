/* SPDX-License-Identifier: BSD-3-Clause */
#include "mpi/quiesce_limits.h"

#include "mpi/comms.h"
#include "mpi/shim.h"

static unsigned behind; /* communicators below their targets */
static int free_pass;	/* one collective that nothing counts may begin */

/* The engine refuses a collective on a null handle, so nobody waits for another in it. */
static int freeze_one(struct rf_handle *handle, void *arg)
{
	(void)arg;
	handle->target =
		handle == rf_app_null(handle->kind) ? RF_CLOCK_NO_LIMIT : handle->collectives;
	return 0;
}

int rf_limits_freeze(void)
{
	behind = 0;
	free_pass = 0;
	return rf_handle_visit(freeze_one, NULL) ? 1 : 0;
}

int rf_limits_set(const struct rf_clocks *targets)
{
	struct rf_arena arena = {0};
	struct rf_comms comms;
	int rc = rf_comms_take(&comms, &arena);

	if (!rc)
		rc = rf_limits_freeze();
	for (uint32_t i = 0; !rc && i < comms.shared; i++) {
		const struct rf_clock *target = rf_clocks_find(targets, &comms.comm[i].clock);
		struct rf_handle *handle = comms.comm[i].handle;

		if (!target)
			continue;
		handle->target = target->seq;
		behind += target->seq != RF_CLOCK_NO_LIMIT && handle->collectives < target->seq;
	}
	rf_arena_drop(&arena);
	return rc;
}

int rf_limits_allow(const struct rf_handle *handle)
{
	return handle ? handle->collectives < handle->target : free_pass;
}

void rf_limits_begin(const struct rf_handle *handle)
{
	if (!handle)
		free_pass = 0;
	else if (handle->target != RF_CLOCK_NO_LIMIT && handle->collectives + 1 == handle->target)
		behind -= behind > 0;
}

void rf_limits_advance(struct rf_handle *handle)
{
	if (!handle) {
		free_pass = 1;
	} else if (!rf_limits_allow(handle)) {
		handle->target = handle->collectives + 1;
		behind++;
	}
}

int rf_limits_reached(void)
{
	return !behind;
}

int rf_limits_clocks(struct rf_arena *arena, struct rf_clocks **clocks, size_t *size)
{
	struct rf_comms comms;
	int rc = rf_comms_take(&comms, arena);

	if (rc)
		return rc;
	*size = rf_clocks_size(comms.shared);
	*clocks = rf_arena_take(arena, *size);
	if (!*clocks)
		return -1;
	(*clocks)->count = comms.shared;
	(*clocks)->unready = comms.unready;
	for (uint32_t i = 0; i < comms.shared; i++)
		(*clocks)->clock[i] = comms.comm[i].clock;
	return 0;
}

int rf_limits_unready(void)
{
	struct rf_arena arena = {0};
	struct rf_comms comms;
	int unready = rf_comms_take(&comms, &arena) ? -1 : (int)comms.unready;

	rf_arena_drop(&arena);
	return unready;
}
