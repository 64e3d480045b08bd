/* SPDX-License-Identifier: BSD-3-Clause */
#include "mpi/callback.h"
#include "mpi/start.h"

void rf_callback_begin(struct rf_callback *callback, const char *what)
{
	if (rf_gate_callback_begin(callback))
		rf_shim_die("%s", what);
}
