/* SPDX-License-Identifier: BSD-3-Clause */
/* MPI_*_c2f and MPI_*_f2c. As in Open MPI, a handle or number that is none gives -1 or NULL, no
 * error. */
#include <string.h>

#include "mpi/convert.h"
#include "mpi/request.h"
#include "mpi/shim.h"

/* Fortran converts in every call, so whether MPI runs is asked only where there is no answer. */
static inline MPI_Fint to_index(enum rf_kind kind, struct rf_handle *handle, const char *function)
{
	MPI_Fint index = handle ? __atomic_load_n(&handle->fortran, __ATOMIC_ACQUIRE) : -1;

	if (__builtin_expect(index >= 0, 1))
		return index;
	rf_error_unless_running(function);
	return rf_convert_index(kind, handle);
}

static inline void *to_handle(enum rf_kind kind, MPI_Fint index, const char *function)
{
	void *handle = rf_convert_handle(kind, index);

	if (!handle)
		rf_error_unless_running(function);
	return handle;
}

#define FUNCTIONS(KIND, Type, Name)                                                                \
	MPI_Fint rf_MPI_##Name##_c2f(Type handle)                                                  \
	{                                                                                          \
		return to_index(KIND, (struct rf_handle *)handle, "MPI_" #Name "_c2f");            \
	}                                                                                          \
	Type rf_MPI_##Name##_f2c(MPI_Fint index)                                                   \
	{                                                                                          \
		return (Type)to_handle(KIND, index, "MPI_" #Name "_f2c");                          \
	}

FUNCTIONS(RF_COMM, MPI_Comm, Comm)
FUNCTIONS(RF_GROUP, MPI_Group, Group)
FUNCTIONS(RF_DATATYPE, MPI_Datatype, Type)
FUNCTIONS(RF_OP, MPI_Op, Op)
FUNCTIONS(RF_INFO, MPI_Info, Info)
FUNCTIONS(RF_ERRHANDLER, MPI_Errhandler, Errhandler)
FUNCTIONS(RF_WIN, MPI_Win, Win)
FUNCTIONS(RF_FILE, MPI_File, File)

MPI_Fint rf_MPI_Request_c2f(MPI_Request request)
{
	MPI_Fint index;

	RF_CALL(index, MPI_Request_c2f(rf_own_in(request, RF_REQUEST)));
	return index;
}

MPI_Request rf_MPI_Request_f2c(MPI_Fint index)
{
	MPI_Request request;

	RF_BEGIN(RF_IN_OTHER);
	RF_ENGINE(request, MPI_Request_f2c(index));
	request = rf_own_out(request, RF_REQUEST); /* before there can be another engine */
	RF_END();
	return request;
}

MPI_Fint rf_MPI_Message_c2f(MPI_Message message)
{
	MPI_Fint index;

	RF_CALL(index, MPI_Message_c2f(rf_own_in(message, RF_MESSAGE)));
	return index;
}

MPI_Message rf_MPI_Message_f2c(MPI_Fint index)
{
	MPI_Message message;

	RF_BEGIN(RF_IN_OTHER);
	RF_ENGINE(message, MPI_Message_f2c(index));
	message = rf_own_out(message, RF_MESSAGE); /* before there can be another engine */
	RF_END();
	return message;
}

/*
 * Fortran's MPI_STATUS_IGNORE and MPI_STATUSES_IGNORE are addresses of common blocks (one for each
 * way to spell a name), which are in libmpi or in the program. A program without Fortran has none.
 */
#define BLOCKS(lower, UPPER)                                                                       \
	extern int lower __attribute__((weak)), lower##_ __attribute__((weak)),                    \
		lower##__ __attribute__((weak)), UPPER __attribute__((weak));

BLOCKS(mpi_fortran_status_ignore, MPI_FORTRAN_STATUS_IGNORE)
BLOCKS(mpi_fortran_statuses_ignore, MPI_FORTRAN_STATUSES_IGNORE)

static int is_ignored(const MPI_Fint *status)
{
	const void *const ignored[] = {
		&mpi_fortran_status_ignore,	&mpi_fortran_status_ignore_,
		&mpi_fortran_status_ignore__,	&MPI_FORTRAN_STATUS_IGNORE,
		&mpi_fortran_statuses_ignore,	&mpi_fortran_statuses_ignore_,
		&mpi_fortran_statuses_ignore__, &MPI_FORTRAN_STATUSES_IGNORE};

	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		if (ignored[i] == status)
			return 1;
	return 0;
}

/* Also what MPI hides in a status is converted: the Fortran one is as large. */
int rf_MPI_Status_c2f(const MPI_Status *c_status, MPI_Fint *f_status)
{
	if (!c_status || c_status == MPI_STATUS_IGNORE || !f_status)
		return rf_error_raise(RF_COMM, NULL, MPI_ERR_IN_STATUS, "MPI_Status_c2f");
	memcpy(f_status, c_status, sizeof *c_status);
	return MPI_SUCCESS;
}

int rf_MPI_Status_f2c(const MPI_Fint *f_status, MPI_Status *c_status)
{
	if (!f_status || is_ignored(f_status) || !c_status)
		return rf_error_raise(RF_COMM, NULL, MPI_ERR_IN_STATUS, "MPI_Status_f2c");
	memcpy(c_status, f_status, sizeof *c_status);
	return MPI_SUCCESS;
}
