/* SPDX-License-Identifier: BSD-3-Clause */
/* Error handlers of the user, as each language's binding makes them. */
#ifndef RF_MPI_ERRHANDLER_USER_H
#define RF_MPI_ERRHANDLER_USER_H

#include "mpi/shim.h"

/* The functions' types; `object` points to a handle of any kind (they are all pointers). */
typedef void rf_handler_c(void *object, int *code, ...);
typedef void rf_handler_fortran(MPI_Fint *object, MPI_Fint *code);
typedef void rf_handler_dispatch(void *object, int *code, const char *message,
				 void (*function)(void));

struct rf_user_handler {
	enum { RF_HANDLER_C, RF_HANDLER_FORTRAN, RF_HANDLER_CXX } language;
	void (*function)(void);
	rf_handler_dispatch *dispatch; /* C++: calls `function` with C++ objects */
};

/*
 * Makes a handler for objects of `kind` (RF_COMM, RF_WIN or RF_FILE). MPI_SUCCESS and *errhandler,
 * or a code that has been raised.
 */
int rf_errhandler_create(enum rf_kind kind, const struct rf_user_handler *user,
			 MPI_Errhandler *errhandler);

/*
 * MPI::ERRORS_THROW_EXCEPTIONS: the function that it calls for objects of `kind`. Until this is
 * told, that handler aborts, as in Open MPI.
 */
void rf_errhandler_throws(enum rf_kind kind, void (*function)(void));

/*
 * For another engine: makes the handler that the earlier engine knows as `old` in the current one,
 * for the same kind of objects. MPI code; it becomes known by rf_errhandler_moved() only.
 */
int rf_errhandler_again(MPI_Errhandler old, MPI_Errhandler *made);
void rf_errhandler_moved(MPI_Errhandler from, MPI_Errhandler to);

/* The engine's handlers of MPI::ERRORS_THROW_EXCEPTIONS: they are used though nobody sets them. */
int rf_errhandler_is_throwing(MPI_Errhandler real);
void rf_errhandler_each_throwing(void (*each)(void *arg, MPI_Errhandler real), void *arg);

/* The engine's handler to set for the application's, and the reverse, which adds a use. */
MPI_Errhandler rf_errhandler_in(enum rf_kind kind, MPI_Errhandler errhandler);
MPI_Errhandler rf_errhandler_out(MPI_Errhandler real);

#endif
