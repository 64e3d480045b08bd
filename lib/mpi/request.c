/* SPDX-License-Identifier: BSD-3-Clause */
#include "mpi/request.h"

#include <stdlib.h>

#include "mpi/alias.h"
#include "mpi/engine_table.h"
#include "mpi/start.h"

uintptr_t rf_own_window;
static uintptr_t own_empty;

void rf_own_set(uintptr_t window)
{
	rf_own_window = window;
	own_empty = (uintptr_t)rf_mpi.calls->state->empty;
}

/* Every engine has these, and any program may still hold the pointers of all earlier ones. */
static int is_static(uintptr_t offset)
{
	return offset == (uintptr_t)rf_mpi.object[RF_OBJECT_ompi_request_null] - rf_own_window ||
	       offset == own_empty - rf_own_window;
}

/* In a restored process the last window is empty, and the application has pointers into it. */
enum rf_window_held rf_own_held(unsigned long begin, unsigned long end)
{
	if (rf_own_window == begin)
		return RF_HELD_OTHER;
	return rf_alias_in(begin, end, is_static);
}

/* What an earlier engine's pointer has become. */
static void *earlier(void *own)
{
	void *now;

	if ((uintptr_t)own - RF_WINDOW_BASE >= RF_WINDOW_ALL)
		return own;
	now = rf_alias_find(own);
	if (!now)
		rf_shim_die("a request of before the last move or restart is not known any more");
	return now;
}

void *rf_own_null_in(void *own, enum rf_kind kind)
{
	if (kind == RF_REQUEST)
		return own == rf_app(ompi_request_null) ? rf_mpi.object[RF_OBJECT_ompi_request_null]
							: earlier(own);
	if (own == rf_app(ompi_message_null))
		return rf_mpi.object[RF_OBJECT_ompi_message_null];
	if (own == rf_app(ompi_message_no_proc))
		return rf_mpi.object[RF_OBJECT_ompi_message_no_proc];
	return earlier(own);
}

static int is_current(const void *own)
{
	return (uintptr_t)own - rf_own_window < RF_WINDOW_SIZE;
}

MPI_Request *rf_owns_null_in(MPI_Request own[], int count)
{
	void *app = rf_app(ompi_request_null);
	MPI_Request *real;
	int i;

	for (i = 0; i < count && (!own[i] || own[i] == app || is_current(own[i])); i++)
		;
	real = i < count ? malloc((size_t)count * sizeof(*real)) : own;
	if (!real)
		rf_shim_die("out of memory for %d requests", count);
	for (i = 0; i < count; i++)
		real[i] = rf_own_in(own[i], RF_REQUEST);
	return real;
}

static int has_number(MPI_Request real)
{
	int index;

	rf_gate_cross();
	index = rf_mpi.calls->state->request_index(real);
	rf_gate_cross_back();
	return index >= 0;
}

void *rf_own_null_back(void *own, void *given, void *real, enum rf_kind kind)
{
	if (real != given)
		return rf_own_out(real, kind);
	if (kind != RF_REQUEST || !own || own == real || own == rf_app(ompi_request_null))
		return own;
	return has_number(real) ? real : own;
}

void rf_owns_back(MPI_Request own[], MPI_Request real[], int count)
{
	for (int i = 0; i < count; i++)
		own[i] = rf_own_null_back(own[i], rf_own_in(own[i], RF_REQUEST), real[i],
					  RF_REQUEST);
	free(real);
}

void *rf_own_null_out(void *own, enum rf_kind kind)
{
	if (kind == RF_REQUEST)
		return own == rf_mpi.object[RF_OBJECT_ompi_request_null] ? rf_app(ompi_request_null)
									 : own;
	if (own == rf_mpi.object[RF_OBJECT_ompi_message_null])
		return rf_app(ompi_message_null);
	if (own == rf_mpi.object[RF_OBJECT_ompi_message_no_proc])
		return rf_app(ompi_message_no_proc);
	return own;
}
