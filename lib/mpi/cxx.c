/* SPDX-License-Identifier: BSD-3-Clause */
/* The C++ bindings: what libmpi_cxx does with MPI's objects. */
#include <stdlib.h>

#include "mpi/attribute.h"
#include "mpi/binding.h"
#include "mpi/errhandler_user.h"
#include "mpi/libmpi.h"
#include "mpi/op.h"

int rf_ompi_errhandler_invoke(void *handler, void *object, int type, int code, const char *function)
{
	struct rf_handle *handle = object;

	(void)handler;
	(void)type;
	return rf_error_raise(handle ? handle->kind : RF_COMM, handle, code, function);
}

int rf_ompi_cxx_errhandler_invoke_comm(MPI_Comm comm, int code, const char *function)
{
	return rf_error_raise(RF_COMM, comm, code, function);
}

int rf_ompi_cxx_errhandler_invoke_file(MPI_File file, int code, const char *function)
{
	return rf_error_raise(RF_FILE, file, code, function);
}

int rf_ompi_cxx_comm_get_type(MPI_Comm comm)
{
	enum { UNKNOWN, INTRACOMM, INTERCOMM, CART, GRAPH }; /* cxx_glue.h */
	int topology, inter;

	if (rf_MPI_Topo_test(comm, &topology) || rf_MPI_Comm_test_inter(comm, &inter))
		return UNKNOWN;
	if (topology == MPI_GRAPH)
		return GRAPH;
	if (topology == MPI_CART)
		return CART;
	return inter ? INTERCOMM : INTRACOMM;
}

static int create_keyval(enum rf_kind kind, rf_binding_function *copy, rf_binding_function *remove,
			 int *key, void *state, void *owned)
{
	struct rf_keyval keyval = {.kind = kind,
				   .form = RF_ATTR_C,
				   .copy = copy,
				   .remove = remove,
				   .state.c = state,
				   .owned = owned};

	rf_keyval_lock();
	int code = rf_keyval_create(&keyval, key);

	rf_keyval_unlock();
	return code ? MPI_ERR_INTERN : MPI_SUCCESS;
}

int rf_ompi_cxx_attr_create_keyval_comm(rf_binding_function *copy, rf_binding_function *remove,
					int *key, void *state, int flags, void *owned)
{
	(void)flags;
	return create_keyval(RF_COMM, copy, remove, key, state, owned);
}

int rf_ompi_cxx_attr_create_keyval_type(rf_binding_function *copy, rf_binding_function *remove,
					int *key, void *state, int flags, void *owned)
{
	(void)flags;
	return create_keyval(RF_DATATYPE, copy, remove, key, state, owned);
}

int rf_ompi_cxx_attr_create_keyval_win(rf_binding_function *copy, rf_binding_function *remove,
				       int *key, void *state, int flags, void *owned)
{
	(void)flags;
	return create_keyval(RF_WIN, copy, remove, key, state, owned);
}

/* `dispatch` is a function of libmpi_cxx, which makes a C++ object and calls the user's. */
static MPI_Errhandler create_errhandler(enum rf_kind kind, rf_binding_function *function,
					const char *dispatch)
{
	struct rf_user_handler user = {.language = RF_HANDLER_CXX, .function = function};
	MPI_Errhandler made = NULL;

	*(void **)&user.dispatch = rf_libmpi_next(dispatch);
	if (!user.dispatch)
		user.function = NULL; /* is refused */
	return rf_errhandler_create(kind, &user, &made) == MPI_SUCCESS ? made : NULL;
}

MPI_Errhandler rf_ompi_cxx_errhandler_create_comm(rf_binding_function *function)
{
	return create_errhandler(RF_COMM, function, "ompi_mpi_cxx_comm_errhandler_invoke");
}

MPI_Errhandler rf_ompi_cxx_errhandler_create_win(rf_binding_function *function)
{
	return create_errhandler(RF_WIN, function, "ompi_mpi_cxx_win_errhandler_invoke");
}

MPI_Errhandler rf_ompi_cxx_errhandler_create_file(rf_binding_function *function)
{
	return create_errhandler(RF_FILE, function, "ompi_mpi_cxx_file_errhandler_invoke");
}

/* MPI::Init tells which functions MPI::ERRORS_THROW_EXCEPTIONS has; they throw. */
void rf_ompi_cxx_errhandler_set_callbacks(MPI_Errhandler handler, rf_binding_function *comm,
					  rf_binding_function *file, rf_binding_function *win)
{
	if (handler != rf_app(ompi_mpi_errors_throw_exceptions))
		return;
	rf_errhandler_throws(RF_COMM, comm);
	rf_errhandler_throws(RF_FILE, file);
	rf_errhandler_throws(RF_WIN, win);
}

/* Open MPI keeps it in a list that only serves to free it at the end. */
struct rf_cxx_datarep *rf_ompi_cxx_new_intercept_state(void *read_fn, void *write_fn,
						       void *extent_fn, void *state)
{
	struct rf_cxx_datarep *made = malloc(sizeof *made);

	if (made)
		*made = (struct rf_cxx_datarep){read_fn, write_fn, extent_fn, state};
	return made;
}

void rf_ompi_op_set_cxx_callback(MPI_Op op, rf_binding_function *function)
{
	rf_op_set_cxx(op, function);
}
