/* SPDX-License-Identifier: BSD-3-Clause */
/* The C functions of error handlers, those of MPI-1 included. */
#include "mpi/errhandler.h"
#include "mpi/errhandler_user.h"
#include "mpi/shim.h"

static int create(enum rf_kind kind, void (*function)(void), MPI_Errhandler *errhandler)
{
	struct rf_user_handler user = {.language = RF_HANDLER_C, .function = function};

	return rf_errhandler_create(kind, &user, errhandler);
}

/* Ends the call. */
static int got(int code, MPI_Errhandler real, MPI_Errhandler *errhandler)
{
	if (code == MPI_SUCCESS)
		*errhandler = rf_errhandler_out(real);
	RF_END();
	return code == MPI_SUCCESS ? code : rf_error_deliver(code);
}

/* Four functions of a kind of object. A call of the handler is no failure of
 * MPI_*_call_errhandler(). */
#define FUNCTIONS(KIND, Type, Name)                                                                \
	int rf_MPI_##Name##_create_errhandler(MPI_##Name##_errhandler_function *function,          \
					      MPI_Errhandler *errhandler)                          \
	{                                                                                          \
		return create(KIND, (void (*)(void))function, errhandler);                         \
	}                                                                                          \
	int rf_MPI_##Name##_set_errhandler(Type object, MPI_Errhandler errhandler)                 \
	{                                                                                          \
		int code;                                                                          \
                                                                                                   \
		RF_CALL(code, MPI_##Name##_set_errhandler(rf_real(object),                         \
							  rf_errhandler_in(KIND, errhandler)));    \
		return code == MPI_SUCCESS ? code : rf_error_deliver(code);                        \
	}                                                                                          \
	int rf_MPI_##Name##_get_errhandler(Type object, MPI_Errhandler *errhandler)                \
	{                                                                                          \
		MPI_Errhandler real = NULL;                                                        \
		int code;                                                                          \
                                                                                                   \
		RF_BEGIN(RF_IN_OTHER);                                                             \
		RF_ENGINE(code, MPI_##Name##_get_errhandler(rf_real(object),                       \
							    errhandler ? &real : NULL));           \
		return got(code, real, errhandler);                                                \
	}                                                                                          \
	int rf_MPI_##Name##_call_errhandler(Type object, int errorcode)                            \
	{                                                                                          \
		int code;                                                                          \
                                                                                                   \
		RF_CALL(code, MPI_##Name##_call_errhandler(rf_real(object), errorcode));           \
		return rf_error_deliver(code);                                                     \
	}

FUNCTIONS(RF_COMM, MPI_Comm, Comm)
FUNCTIONS(RF_WIN, MPI_Win, Win)
FUNCTIONS(RF_FILE, MPI_File, File)

int rf_MPI_Errhandler_create(MPI_Handler_function *function, MPI_Errhandler *errhandler)
{
	return create(RF_COMM, (void (*)(void))function, errhandler);
}

int rf_MPI_Errhandler_set(MPI_Comm comm, MPI_Errhandler errhandler)
{
	return rf_MPI_Comm_set_errhandler(comm, errhandler);
}

int rf_MPI_Errhandler_get(MPI_Comm comm, MPI_Errhandler *errhandler)
{
	return rf_MPI_Comm_get_errhandler(comm, errhandler);
}

int rf_MPI_Errhandler_free(MPI_Errhandler *errhandler)
{
	MPI_Errhandler real;
	int code;

	RF_BEGIN(RF_IN_OTHER);
	real = errhandler ? rf_real(*errhandler) : NULL;
	RF_ENGINE(code, MPI_Errhandler_free(errhandler ? &real : NULL));
	if (code == MPI_SUCCESS) {
		struct rf_handle *handle = (struct rf_handle *)*errhandler;

		*errhandler = rf_app(ompi_mpi_errhandler_null);
		rf_handle_release(handle);
	}
	RF_END();
	return code == MPI_SUCCESS ? code : rf_error_deliver(code);
}
