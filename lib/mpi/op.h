/* SPDX-License-Identifier: BSD-3-Clause */
/* Operations of the user. Their functions run in the application half, called by the engine. */
#ifndef RF_MPI_OP_H
#define RF_MPI_OP_H

#include "mpi/shim.h"

typedef void rf_op_c(void *in, void *inout, int *count, MPI_Datatype *type);
typedef void rf_op_fortran(void *in, void *inout, MPI_Fint *count, MPI_Fint *type);
typedef void rf_op_cxx(void *in, void *inout, int *count, MPI_Datatype *type,
		       void (*function)(void));

struct rf_user_op {
	enum { RF_OP_C, RF_OP_FORTRAN, RF_OP_CXX } language;
	void (*function)(void);
	rf_op_cxx *dispatch; /* C++: calls `function` with C++ objects */
};

/* MPI_SUCCESS and *op, or a code that has been raised. */
int rf_op_create(const struct rf_user_op *user, int commute, MPI_Op *op);

/* The operation becomes a C++ one: its C function is the dispatch function, and this the user's. */
void rf_op_set_cxx(MPI_Op op, void (*function)(void));

/*
 * For another engine: makes the user's operation that the earlier engine knows as `old` in the
 * current one. MPI code; the op becomes known by rf_op_moved() only.
 */
int rf_op_again(MPI_Op old, int commute, MPI_Op *made);
void rf_op_moved(MPI_Op from, MPI_Op to);

#endif
