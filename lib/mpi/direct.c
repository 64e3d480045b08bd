/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "mpi/direct.h"
#include "mpi/names.h"

static void *function(const char *name)
{
	for (int i = 0; i < RF_FUNCTIONS; i++) {
		if (strcmp(rf_function_name[i].mpi, name) == 0)
			return ((void **)&rf_mpi)[i]; /* both are in the order of the enum */
	}
	return NULL;
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

__attribute__((visibility("default"))) const struct rankferry_direct *rankferry_direct(void)
{
	static const struct rankferry_direct direct = {function, handle, enter, leave};

	return &direct;
}
