/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory that MPI gives to the application, which must lie in the application half:
 *   - MPI_Alloc_mem: the application half's own heap;
 *   - MPI_Win_allocate: the same, made a window by MPI_Win_create;
 *   - MPI_Win_allocate_shared: the engine's segment, seen through a second mapping of the same
 *     pages. So the ranks that share it cannot be captured one by one: such a window holds its
 *     ranks in their places (`view` is set).
 */
#ifndef RF_MPI_MEMORY_H
#define RF_MPI_MEMORY_H

#include <stddef.h>

#include "mpi/handle.h"

struct rf_win_memory {
	void *heap; /* of MPI_Win_allocate, or NULL */
	size_t size;
	int disp_unit;
	int flavor;
	char *view;    /* of the segment of MPI_Win_allocate_shared, or NULL: `length` bytes, */
	char *segment; /* which the engine has here */
	size_t length;
};

/* Where the application sees an address of the engine's in this window's memory. */
void *rf_win_address(const struct rf_handle *win, void *address);

#endif
