/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Error handlers.
 *
 * The engine decides which object an error is raised on, and what the predefined handlers do: an
 * abort by MPI_ERRORS_ARE_FATAL happens inside it, with Open MPI's own text and code. Inheritance
 * by new communicators, and the default of MPI_FILE_NULL, are the engine's too. A handler of the
 * user is in the engine a function of the shim that only notes the error; the user's function runs
 * when the engine has been left, so it may throw, longjmp, or call MPI.
 */
#ifndef RF_MPI_ERRHANDLER_H
#define RF_MPI_ERRHANDLER_H

#include "mpi/handle.h"

/*
 * What a wrapper returns when the engine's function returned `code` != MPI_SUCCESS: calls the
 * user's handlers for the errors that this thread's last call raised. Returns the code for the
 * caller, which a user's function may have changed where Open MPI lets it.
 */
int rf_error_deliver(int code) __attribute__((cold));

/*
 * Raises an error that the shim itself has found in `function` ("MPI_Comm_set_attr"), on `object`:
 * the application's handle of a communicator, window or file, or NULL for MPI_COMM_WORLD. Ends as
 * the object's handler says: aborts, calls the user, or nothing. Returns what the wrapper returns.
 */
int rf_error_raise(enum rf_kind kind, void *object, int code, const char *function)
	__attribute__((cold));

/*
 * For functions that never enter the engine: before MPI_Init and after MPI_Finalize the job ends,
 * with Open MPI's message for `function`.
 */
void rf_error_unless_running(const char *function);

#endif
