/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory that MPI gives to the application, which must lie in the application half:
 *   - MPI_Alloc_mem: the application half's own heap;
 *   - windows of one rank: our memory, lent to the engine (engine_table.h);
 *   - windows of several ranks whose memory Open MPI shares between them (all
 * MPI_Win_allocate_shared, and MPI_Win_allocate on one host): the engine's segment, of which the
 * application gets a second mapping. Ranks that share one cannot be captured one by one: `view` is
 * set then;
 *   - other MPI_Win_allocate: our memory, made a window by MPI_Win_create.
 */
#ifndef RF_MPI_MEMORY_H
#define RF_MPI_MEMORY_H

#include <mpi.h>
#include <stddef.h>

#include "mpi/handle.h"

struct rf_win_memory {
	MPI_Aint size; /* of this rank's part, */
	int disp_unit; /* as the application asked for it */
	int flavor;
	void *heap;    /* ours, or NULL */
	char *view;    /* a second mapping of `length` bytes of the segment, or NULL; */
	char *segment; /* which the engine has here */
	size_t length;
};

#endif
