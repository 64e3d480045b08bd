/* SPDX-License-Identifier: BSD-3-Clause */
#include "mpi/collective.h"

int rf_pending;
int rf_persistent_collectives;

/* Until a quiesce stops ranks there, collectives wait for nothing. */
__attribute__((weak)) void rf_quiesce_collective(struct rf_handle *handle)
{
	(void)handle;
}

/* Keeps the wrapper's arguments, see collective.h. */
RF_RARE(rf_collective_pending, rf_quiesce_collective);
