/* SPDX-License-Identifier: BSD-3-Clause */
/* Generalized requests (MPI-3.1 12.2). Their functions run in the application half. */
#ifndef RF_MPI_GREQUEST_H
#define RF_MPI_GREQUEST_H

#include "mpi/shim.h"

typedef void rf_greq_query_fortran(MPI_Aint *state, MPI_Fint *status, MPI_Fint *error);
typedef void rf_greq_free_fortran(MPI_Aint *state, MPI_Fint *error);
typedef void rf_greq_cancel_fortran(MPI_Aint *state, MPI_Fint *complete, MPI_Fint *error);

struct rf_user_grequest {
	int fortran;	     /* the functions are of the types above, else C's */
	void (*query)(void); /* each may be NULL, as Open MPI allows */
	void (*release)(void);
	void (*cancel)(void);
	void *state; /* Fortran: the address of the user's variable, as in Open MPI */
};

/* MPI_SUCCESS and *request, or a code that has been raised. */
int rf_grequest_start(const struct rf_user_grequest *user, MPI_Request *request);

/*
 * For another engine: calls `each` for all that live; makes the one that the earlier engine knows
 * as `old` in the current engine (MPI code), which becomes known by rf_grequest_moved() only.
 */
void rf_grequest_each(void (*each)(void *arg, MPI_Request real), void *arg);
int rf_grequest_again(MPI_Request old, int complete, MPI_Request *made);
void rf_grequest_moved(MPI_Request from, MPI_Request to);

#endif
