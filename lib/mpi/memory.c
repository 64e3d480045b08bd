/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "mpi/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "mpi/attribute.h"
#include "mpi/shim.h"
#include "mpi/start.h"

#define ALIGNMENT 64 /* of Open MPI's own allocations, and more than any basic type needs */
#define PAGE	  4096ul

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

void *rf_win_address(const struct rf_handle *win, void *address)
{
	const struct rf_win_memory *memory = win->memory;
	size_t offset;

	if (!memory || !memory->view)
		return address;
	offset = (size_t)((char *)address - memory->segment);
	return offset <= memory->length ? memory->view + offset : address;
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

static struct rf_win_memory *memory_new(MPI_Aint size, int disp_unit, int flavor)
{
	struct rf_win_memory *memory = calloc(1, sizeof(*memory));

	if (!memory)
		return NULL;
	memory->size = size > 0 ? (size_t)size : 0;
	memory->disp_unit = disp_unit;
	memory->flavor = flavor;
	return memory;
}

/* A window on memory of ours which the application is to believe MPI has allocated. */
static int create_on_heap(MPI_Aint size, int disp_unit, MPI_Info info, MPI_Comm comm, void *baseptr,
			  MPI_Win *win, int flavor, const char *function)
{
	struct rf_win_memory *memory = memory_new(size, disp_unit, flavor);
	struct rf_handle *handle;
	MPI_Win real = NULL;
	int rc;

	/* Zeros, as fresh shared memory has, which is what programs get natively on one host. */
	if (!memory || posix_memalign(&memory->heap, PAGE, memory->size + 1)) {
		free(memory);
		return rf_error_raise(RF_COMM, comm, MPI_ERR_NO_MEM, function);
	}
	memset(memory->heap, 0, memory->size);
	RF_CALL(rc, MPI_Win_create(memory->heap, size, disp_unit, rf_real(info), rf_real(comm),
				   win ? &real : NULL));
	if (rc != MPI_SUCCESS) {
		forget(memory);
		return rf_error_deliver(rc);
	}
	handle = rf_handle_out(RF_WIN, real);
	handle->memory = memory;
	rf_attr_override(handle, MPI_WIN_CREATE_FLAVOR, flavor);
	*(void **)baseptr = memory->heap;
	*win = (MPI_Win)handle;
	return MPI_SUCCESS;
}

int rf_MPI_Win_allocate(MPI_Aint size, int disp_unit, MPI_Info info, MPI_Comm comm, void *baseptr,
			MPI_Win *win)
{
	int rc;

	if (size < 0 || !baseptr || !win) {
		RF_CALL(rc, MPI_Win_allocate(size, disp_unit, rf_real(info), rf_real(comm), baseptr,
					     win));
		return rf_error_deliver(rc);
	}
	return create_on_heap(size, disp_unit, info, comm, baseptr, win, MPI_WIN_FLAVOR_ALLOCATE,
			      "MPI_Win_allocate");
}

/* Where the engine has the parts of all ranks; zero length if there are none. */
static void segment_of(MPI_Win real, int ranks, struct rf_win_memory *memory)
{
	char *begin = NULL, *end = NULL, *base;
	MPI_Aint size;
	int rank, unit, rc;

	for (rank = 0; rank < ranks; rank++) {
		base = NULL;
		RF_CALL(rc, MPI_Win_shared_query(real, rank, &size, &unit, &base));
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
 * mremap() with an old size of 0 maps the pages of a shared mapping a second time (mremap(2)); the
 * kernel chooses an address in the application half.
 */
static int view_segment(struct rf_win_memory *memory)
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

int rf_MPI_Win_allocate_shared(MPI_Aint size, int disp_unit, MPI_Info info, MPI_Comm comm,
			       void *baseptr, MPI_Win *win)
{
	struct rf_win_memory *memory;
	struct rf_handle *handle;
	MPI_Win real = NULL;
	void *base = NULL;
	int rc, ranks = 0;

	if (rf_real(comm) && comm != rf_app_null(RF_COMM))
		RF_CALL(rc, MPI_Comm_size(rf_real(comm), &ranks));
	if (ranks == 1 && size >= 0 && baseptr && win) /* the engine would take its heap */
		return create_on_heap(size, disp_unit, info, comm, baseptr, win,
				      MPI_WIN_FLAVOR_SHARED, "MPI_Win_allocate_shared");
	RF_CALL(rc, MPI_Win_allocate_shared(size, disp_unit, rf_real(info), rf_real(comm),
					    baseptr ? &base : NULL, win ? &real : NULL));
	if (rc != MPI_SUCCESS)
		return rf_error_deliver(rc);
	memory = memory_new(size, disp_unit, MPI_WIN_FLAVOR_SHARED);
	if (!memory)
		rf_shim_die("out of memory for a shared window");
	segment_of(real, ranks, memory);
	if (view_segment(memory))
		rf_shim_die("cannot map a shared window of %zu bytes a second time",
			    memory->length);
	handle = rf_handle_out(RF_WIN, real);
	handle->memory = memory;
	*(void **)baseptr = base ? rf_win_address(handle, base) : NULL;
	*win = (MPI_Win)handle;
	return MPI_SUCCESS;
}

int rf_MPI_Win_shared_query(MPI_Win win, int rank, MPI_Aint *size, int *disp_unit, void *baseptr)
{
	struct rf_handle *handle = (struct rf_handle *)win;
	const struct rf_win_memory *memory = handle ? handle->memory : NULL;
	int rc;

	/* A window of one rank: the only one, or MPI_PROC_NULL for the first with memory. */
	if (memory && memory->heap && memory->flavor == MPI_WIN_FLAVOR_SHARED && size &&
	    disp_unit && baseptr && (rank == 0 || rank == MPI_PROC_NULL)) {
		*size = (MPI_Aint)memory->size;
		*disp_unit = memory->disp_unit;
		*(void **)baseptr = memory->heap;
		return MPI_SUCCESS;
	}
	RF_CALL(rc, MPI_Win_shared_query(rf_real(win), rank, size, disp_unit, baseptr));
	if (rc != MPI_SUCCESS)
		return rf_error_deliver(rc);
	if (*(void **)baseptr)
		*(void **)baseptr = rf_win_address(handle, *(void **)baseptr);
	return MPI_SUCCESS;
}

int rf_MPI_Win_free(MPI_Win *win)
{
	struct rf_handle *handle = win ? (struct rf_handle *)*win : NULL;
	MPI_Win real = rf_real(handle);
	int rc;

	if (handle && handle->uses)
		rf_attr_delete_all(handle);
	RF_CALL(rc, MPI_Win_free(win ? &real : NULL));
	if (rc != MPI_SUCCESS)
		return rf_error_deliver(rc);
	forget(handle->memory);
	handle->memory = NULL;
	rf_handle_release(handle);
	*win = rf_app_null(RF_WIN);
	return MPI_SUCCESS;
}
