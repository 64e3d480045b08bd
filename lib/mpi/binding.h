/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the libraries of the language bindings call besides MPI_X: functions of libmpi and
 * libmpi_cxx that look into MPI's objects. The shim exports its own under the same names (mpi.api,
 * [Internal functions]); rf_X stands for X. They are as in Open MPI 4.1's
 * ompi/errhandler/errhandler.h, ompi/op/op.h and ompi/mpi/cxx/cxx_glue.h.
 */
#ifndef RF_MPI_BINDING_H
#define RF_MPI_BINDING_H

#include "mpi/shim.h"

typedef void rf_binding_function(void);

/* Raises an error on the object; its handler and type were read from the object, and mean nothing.
 */
int rf_ompi_errhandler_invoke(void *handler, void *object, int type, int code,
			      const char *function);

/* C++ (libmpi_cxx) */
struct rf_cxx_datarep {
	void *read, *write, *extent, *state;
};

int rf_ompi_cxx_comm_get_type(MPI_Comm comm);
int rf_ompi_cxx_errhandler_invoke_comm(MPI_Comm comm, int code, const char *function);
int rf_ompi_cxx_errhandler_invoke_file(MPI_File file, int code, const char *function);
int rf_ompi_cxx_attr_create_keyval_comm(rf_binding_function *copy, rf_binding_function *remove,
					int *key, void *state, int flags, void *owned);
int rf_ompi_cxx_attr_create_keyval_type(rf_binding_function *copy, rf_binding_function *remove,
					int *key, void *state, int flags, void *owned);
int rf_ompi_cxx_attr_create_keyval_win(rf_binding_function *copy, rf_binding_function *remove,
				       int *key, void *state, int flags, void *owned);
MPI_Errhandler rf_ompi_cxx_errhandler_create_comm(rf_binding_function *function);
MPI_Errhandler rf_ompi_cxx_errhandler_create_win(rf_binding_function *function);
MPI_Errhandler rf_ompi_cxx_errhandler_create_file(rf_binding_function *function);
void rf_ompi_cxx_errhandler_set_callbacks(MPI_Errhandler handler, rf_binding_function *comm,
					  rf_binding_function *file, rf_binding_function *win);
struct rf_cxx_datarep *rf_ompi_cxx_new_intercept_state(void *read_fn, void *write_fn,
						       void *extent_fn, void *state);
void rf_ompi_op_set_cxx_callback(MPI_Op op, rf_binding_function *function);

#endif
