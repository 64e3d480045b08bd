/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "mpi/memory.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "mpi/attribute.h"
#include "mpi/collective.h"
#include "mpi/engine_table.h"
#include "mpi/shim.h"
#include "mpi/start.h"

#define ALIGNMENT 64 /* of Open MPI's own allocations, and more than any basic type needs */
#define PAGE	  4096ul
#define NO_MEMORY INT_MIN /* beside the codes of MPI */

int rf_MPI_Alloc_mem(MPI_Aint size, MPI_Info info, void *baseptr)
{
	void *memory = NULL;
	int rc;

	/* The engine judges what we would have to refuse, and what needs no memory. */
	if (size <= 0 || !baseptr || rf_real(info) == NULL) {
		RF_CALL(rc, MPI_Alloc_mem(size, rf_real(info), baseptr));
		return rc == MPI_SUCCESS ? rc : rf_error_deliver(rc);
	}
	if (posix_memalign(&memory, ALIGNMENT, (size_t)size))
		return rf_error_raise(RF_COMM, NULL, MPI_ERR_NO_MEM, "MPI_Alloc_mem");
	*(void **)baseptr = memory;
	return MPI_SUCCESS;
}

int rf_MPI_Free_mem(void *base)
{
	free(base);
	return MPI_SUCCESS;
}

static struct rf_win_memory *memory_new(MPI_Aint size, int disp_unit, int flavor)
{
	struct rf_win_memory *memory = calloc(1, sizeof(*memory));

	if (!memory)
		rf_shim_die("out of memory for a window");
	memory->size = size;
	memory->disp_unit = disp_unit;
	memory->flavor = flavor;
	return memory;
}

static void forget(struct rf_win_memory *memory)
{
	if (!memory)
		return;
	free(memory->heap);
	if (memory->view)
		munmap(memory->view, memory->length);
	free(memory);
}

/* Zeros, as fresh shared memory has, which is what programs get natively on one host. */
static int take_heap(struct rf_win_memory *memory, size_t size)
{
	if (posix_memalign(&memory->heap, PAGE, size))
		return -1;
	memset(memory->heap, 0, size);
	return 0;
}

/* Where the application sees an address of the engine's in this window's memory. */
static void *seen(const struct rf_win_memory *memory, void *address)
{
	size_t offset = (size_t)((char *)address - memory->segment);

	return memory->view && address && offset <= memory->length ? memory->view + offset
								   : address;
}

/* The application gets the window; what the engine does not know of it is told to attributes. */
static int give(struct rf_win_memory *memory, MPI_Win real, void *base, void *baseptr, MPI_Win *win)
{
	struct rf_handle *handle = rf_handle_out(RF_WIN, real);

	handle->memory = memory;
	rf_attr_override(handle, MPI_WIN_BASE, RF_ATTR_C, (union rf_attr_value){.c = base});
	rf_attr_override(handle, MPI_WIN_SIZE, RF_ATTR_AINT,
			 (union rf_attr_value){.aint = memory->size});
	rf_attr_override(handle, MPI_WIN_CREATE_FLAVOR, RF_ATTR_INT,
			 (union rf_attr_value){.i = memory->flavor});
	*(void **)baseptr = base;
	*win = (MPI_Win)handle;
	return MPI_SUCCESS;
}

/* From here on, between RF_BEGIN() and RF_END(); all return the engine's code. */

/*
 * Between rf_gate_cross() and back. Not before RF_BEGIN_COLLECTIVE(): the rank may be held there,
 * and come out of it with another engine.
 */
static int engine_allocate(int flavor, MPI_Aint size, int disp_unit, MPI_Info info, MPI_Comm comm,
			   void *baseptr, MPI_Win *win)
{
	return (flavor == MPI_WIN_FLAVOR_SHARED ? rf_mpi.MPI_Win_allocate_shared
						: rf_mpi.MPI_Win_allocate)(
		size, disp_unit, rf_real(info), rf_real(comm), baseptr, win);
}

/*
 * One rank. The engine is asked for LOAN bytes more than the application wants, so that it asks
 * malloc() for a size that nothing else has; it does not look beyond displacements again.
 */
static int lend(struct rf_win_memory *memory, MPI_Info info, MPI_Comm comm, void *baseptr,
		MPI_Win *win, const char *function)
{
	enum { LOAN = 4096 + 1237 };
	size_t size = (size_t)memory->size + LOAN;
	MPI_Win real = NULL;
	void *base = NULL;
	int rc, taken;

	if (take_heap(memory, size)) {
		forget(memory);
		return NO_MEMORY;
	}
	rf_gate_cross();
	rf_mpi.calls->lend(size, memory->heap);
	rc = engine_allocate(memory->flavor, (MPI_Aint)size, memory->disp_unit, info, comm, &base,
			     &real);
	taken = rf_mpi.calls->lend_end();
	rf_gate_cross_back();
	if (rc != MPI_SUCCESS) {
		forget(memory);
		return rc;
	}
	if (!taken || base != memory->heap)
		rf_shim_die("%s gave memory of its own: this Open MPI is not the one that "
			    "Rankferry knows",
			    function);
	return give(memory, real, base, baseptr, win);
}

/* The parts of all ranks of a shared window, or this rank's own; length 0 if there are none. */
static void find_segment(struct rf_win_memory *memory, MPI_Win real, int ranks, char *base)
{
	char *begin = NULL, *end = NULL;
	MPI_Aint size = memory->size;
	int rank, unit, rc = MPI_SUCCESS;

	for (rank = 0; rank < ranks; rank++) {
		if (memory->flavor == MPI_WIN_FLAVOR_SHARED)
			RF_ENGINE(rc, MPI_Win_shared_query(real, rank, &size, &unit, &base));
		if (rc != MPI_SUCCESS || !base || size <= 0)
			continue;
		if (!begin || base < begin)
			begin = base;
		if (base + size > end)
			end = base + size;
	}
	if (!begin)
		return;
	memory->segment = (char *)((uintptr_t)begin & ~(PAGE - 1));
	memory->length = ((size_t)(end - memory->segment) + PAGE - 1) & ~(PAGE - 1);
}

/*
 * mremap() with an old size of 0 maps the pages of a shared mapping a second time, where the kernel
 * likes, so in the application half; it refuses a private mapping (mremap(2)).
 */
static int map_view(struct rf_win_memory *memory)
{
	void *view;

	if (!memory->length)
		return 0;
	view = mremap(memory->segment, 0, memory->length, MREMAP_MAYMOVE);
	if (view == MAP_FAILED)
		return -1;
	memory->view = view;
	return 0;
}

/* Our own memory, where the engine shares none. */
static int create(struct rf_win_memory *memory, MPI_Info info, MPI_Comm comm, void *baseptr,
		  MPI_Win *win)
{
	MPI_Win real = NULL;
	int rc;

	if (take_heap(memory, (size_t)memory->size + 1))
		rf_shim_die("out of memory for a window of %ld bytes", (long)memory->size);
	RF_ENGINE(rc, MPI_Win_create(memory->heap, memory->size, memory->disp_unit, rf_real(info),
				     rf_real(comm), &real));
	if (rc != MPI_SUCCESS) {
		forget(memory);
		return rc;
	}
	return give(memory, real, memory->heap, baseptr, win);
}

/* Several ranks: see what the engine makes of it, and do the same on all of them. */
static int share(struct rf_win_memory *memory, int ranks, MPI_Info info, MPI_Comm comm,
		 void *baseptr, MPI_Win *win)
{
	MPI_Win real = NULL;
	void *base = NULL;
	int rc, mapped, all;

	rf_gate_cross();
	rc = engine_allocate(memory->flavor, memory->size, memory->disp_unit, info, comm, &base,
			     &real);
	rf_gate_cross_back();
	if (rc != MPI_SUCCESS) {
		forget(memory);
		return rc;
	}
	find_segment(memory, real, ranks, base);
	mapped = map_view(memory) == 0;
	RF_ENGINE(rc, MPI_Allreduce(&mapped, &all, 1, rf_mpi.object[RF_OBJECT_ompi_mpi_int],
				    rf_mpi.object[RF_OBJECT_ompi_mpi_op_min], rf_real(comm)));
	if (rc != MPI_SUCCESS) {
		forget(memory);
		return rc;
	}
	if (all)
		return give(memory, real, seen(memory, base), baseptr, win);
	if (memory->flavor == MPI_WIN_FLAVOR_SHARED)
		rf_shim_die("a shared window of %zu bytes cannot be mapped a second time",
			    memory->length);
	if (memory->view)
		munmap(memory->view, memory->length);
	memory->view = NULL;
	RF_ENGINE(rc, MPI_Win_free(&real));
	if (rc != MPI_SUCCESS) {
		forget(memory);
		return rc;
	}
	return create(memory, info, comm, baseptr, win);
}

static int window(int flavor, MPI_Aint size, int disp_unit, MPI_Info info, MPI_Comm comm,
		  void *baseptr, MPI_Win *win, const char *function)
{
	int rc = MPI_SUCCESS, ranks = 0, inter = 1;
	struct rf_win_memory *memory;

	RF_BEGIN_COLLECTIVE(comm);
	if (size >= 0 && disp_unit > 0 && info && baseptr && win && comm &&
	    comm != rf_app_null(RF_COMM)) {
		RF_ENGINE(rc, MPI_Comm_size(rf_real(comm), &ranks));
		if (rc == MPI_SUCCESS)
			RF_ENGINE(rc, MPI_Comm_test_inter(rf_real(comm), &inter));
	}
	if (rc == MPI_SUCCESS && inter) { /* and whatever else the engine will refuse */
		rf_gate_cross();
		rc = engine_allocate(flavor, size, disp_unit, info, comm, baseptr, win);
		rf_gate_cross_back();
	} else if (rc == MPI_SUCCESS) {
		memory = memory_new(size, disp_unit, flavor);
		rc = ranks == 1 ? lend(memory, info, comm, baseptr, win, function)
				: share(memory, ranks, info, comm, baseptr, win);
	}
	RF_END();
	if (rc == NO_MEMORY)
		return rf_error_raise(RF_COMM, comm, MPI_ERR_NO_MEM, function);
	return rc == MPI_SUCCESS ? rc : rf_error_deliver(rc);
}

int rf_MPI_Win_allocate(MPI_Aint size, int disp_unit, MPI_Info info, MPI_Comm comm, void *baseptr,
			MPI_Win *win)
{
	return window(MPI_WIN_FLAVOR_ALLOCATE, size, disp_unit, info, comm, baseptr, win,
		      "MPI_Win_allocate");
}

int rf_MPI_Win_allocate_shared(MPI_Aint size, int disp_unit, MPI_Info info, MPI_Comm comm,
			       void *baseptr, MPI_Win *win)
{
	return window(MPI_WIN_FLAVOR_SHARED, size, disp_unit, info, comm, baseptr, win,
		      "MPI_Win_allocate_shared");
}

int rf_MPI_Win_shared_query(MPI_Win win, int rank, MPI_Aint *size, int *disp_unit, void *baseptr)
{
	const struct rf_handle *handle = (struct rf_handle *)win;
	const struct rf_win_memory *memory = handle ? handle->memory : NULL;
	int rc;

	RF_CALL(rc, MPI_Win_shared_query(rf_real(win), rank, size, disp_unit, baseptr));
	if (rc != MPI_SUCCESS)
		return rf_error_deliver(rc);
	if (memory && memory->heap) /* one rank: without the loan's surplus */
		*size = memory->size;
	else if (memory)
		*(void **)baseptr = seen(memory, *(void **)baseptr);
	return MPI_SUCCESS;
}

int rf_MPI_Win_free(MPI_Win *win)
{
	struct rf_handle *handle = win ? (struct rf_handle *)*win : NULL;
	MPI_Win real;
	int rc;

	if (handle && handle->uses)
		rf_attr_delete_all(handle);
	RF_BEGIN_COLLECTIVE(handle);
	real = rf_real(handle);
	RF_ENGINE(rc, MPI_Win_free(win ? &real : NULL));
	if (rc == MPI_SUCCESS) {
		forget(handle->memory);
		handle->memory = NULL;
		rf_handle_release(handle);
		*win = rf_app_null(RF_WIN);
	}
	RF_END();
	return rc == MPI_SUCCESS ? rc : rf_error_deliver(rc);
}
