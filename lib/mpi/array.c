/* SPDX-License-Identifier: BSD-3-Clause */
#include "mpi/array.h"

#include <stdlib.h>

#include "mpi/handle.h"
#include "mpi/start.h"

void **rf_reals_begin(const void *handles, int count, void *few[RF_FEW])
{
	void *const *handle = handles;
	void **reals = few;

	if (!handles)
		return NULL;
	if (count > RF_FEW)
		reals = malloc((size_t)count * sizeof(*reals));
	if (!reals)
		rf_shim_die("out of memory for an array of %d handles", count);
	for (int i = 0; i < count; i++)
		reals[i] = rf_real(handle[i]);
	return reals;
}

void rf_reals_end(void **reals, void *few[RF_FEW])
{
	if (reals != few)
		free(reals);
}
