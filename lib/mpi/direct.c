/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "mpi/collective.h"
#include "mpi/direct.h"
#include "mpi/names.h"
#include "mpi/parting.h"
#include "mpi/poke.h"
#include "mpi/reach.h"
#include "mpi/redo.h"
#include "mpi/state.h"
#include "mpi/switch.h"

static void **place(const char *name)
{
	for (int i = 0; i < RF_FUNCTIONS; i++) {
		if (strcmp(rf_function_name[i].mpi, name) == 0)
			return &((void **)&rf_mpi)[i]; /* both are in the order of the enum */
	}
	return NULL;
}

static void *function(const char *name)
{
	void **found = place(name);

	return found ? *found : NULL;
}

static void *handle(void *handle)
{
	return rf_real(handle);
}

static void enter(void)
{
	rf_gate_enter(rf_gate_thread());
}

static void leave(void)
{
	rf_gate_leave(rf_gate_self_get());
}

static uint64_t *collectives(void *handle)
{
	return &((struct rf_handle *)handle)->collectives;
}

static int inside(void)
{
	return rf_gate_self_get()->inside;
}

static int waits(void)
{
	return rf_gate_self_get()->waits;
}

static const char *redo_function(void)
{
	return rf_redo_function(rf_gate_self_get());
}

static int redo_receive(struct rf_state_blocked *receive)
{
	return rf_redo_receive(rf_gate_self_get(), receive);
}

static const struct rankferry_parts parts = {
	.function = place,
	.collectives = collectives,
	.pending = &rf_pending,
	.inside = inside,
	.hook = rf_reach_hook,
	.reach_start = rf_reach_start,
	.reach_stop = rf_reach_stop,
	.waits = waits,
	.redo = rf_redo,
	.redo_function = redo_function,
	.redo_receive = redo_receive,
	.interrupt = rf_gate_interrupt,
	.interrupt_end = rf_gate_interrupt_end,
};

static int take(char *const environment[], char why[512])
{
	struct rf_error err = {0, ""};
	int ret = rf_poke_install(rf_switch_poked, &err) || rf_state_save(&err) ||
		  rf_switch(environment, &err);

	snprintf(why, 512, "%s", err.text);
	return ret ? -1 : 0;
}

static int part(char why[512])
{
	struct rf_error err = {0, ""};
	int ret = rf_switch_finish(&err);

	snprintf(why, 512, "%s", err.text);
	return ret;
}

static int parted(char why[512])
{
	struct rf_error err = {0, ""};
	int ret = rf_parting_turn(&err);

	snprintf(why, 512, "%s", err.text);
	return ret;
}

static int undo(char why[512])
{
	struct rf_error err = {0, ""};
	int ret = rf_switch_undo(&err);

	rf_state_drop();
	snprintf(why, 512, "%s", err.text);
	return ret;
}

/* When it returns nothing of the old engine is left. */
static int change(char *const environment[], char why[512])
{
	const struct timespec nap = {0, 500000};
	int rc;

	if (take(environment, why) || part(why))
		return -1;
	while ((rc = parted(why)) == 0)
		nanosleep(&nap, NULL);
	return rc < 0 ? -1 : 0;
}

__attribute__((visibility("default"))) const struct rankferry_direct *rankferry_direct(void)
{
	static const struct rankferry_direct direct = {function, handle, enter, leave,	&parts,
						       change,	 take,	 part,	parted, undo};

	return &direct;
}
