/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The Fortran functions of attributes that libmpi_mpifh does not build from the C ones but from
 * libmpi's internals. As there, a failure gives the internal code and calls no error handler.
 */
#include "mpi/attribute.h"
#include "mpi/convert.h"
#include "mpi/fortran.h"

static void get(enum rf_kind kind, MPI_Fint index, MPI_Fint key, enum rf_attr_form form,
		union rf_attr_value *value, MPI_Fint *flag, MPI_Fint *ierr)
{
	struct rf_handle *handle = rf_convert_handle(kind, index);
	int found = 0, code = RF_OMPI_BAD_PARAM;

	if (handle)
		code = rf_attr_get(handle, key, form, value, &found);
	*flag = !code && found;
	rf_fortran_set(ierr, code);
}

static void get_aint(enum rf_kind kind, MPI_Fint index, MPI_Fint key, MPI_Aint *value,
		     MPI_Fint *flag, MPI_Fint *ierr)
{
	union rf_attr_value got;

	get(kind, index, key, RF_ATTR_AINT, &got, flag, ierr);
	if (*flag)
		*value = got.aint;
}

static void set(enum rf_kind kind, MPI_Fint index, MPI_Fint key, enum rf_attr_form form,
		union rf_attr_value value, MPI_Fint *ierr)
{
	struct rf_handle *handle = rf_convert_handle(kind, index);

	rf_fortran_set(ierr, handle ? rf_attr_set(handle, key, form, value) : RF_OMPI_BAD_PARAM);
}

static void create(const struct rf_keyval *keyval, const char *function, MPI_Fint *key,
		   MPI_Fint *ierr)
{
	rf_keyval_lock();
	int code = rf_keyval_create(keyval, key);

	rf_keyval_unlock();
	if (code)
		code = rf_error_raise(RF_COMM, NULL, MPI_ERR_OTHER, function);
	rf_fortran_set(ierr, code);
}

#define FUNCTIONS(KIND, name, FUNCTION)                                                            \
	void rf_fortran_##name##_create_keyval(rf_function *copy, rf_function *remove,             \
					       MPI_Fint *key, MPI_Aint *state, MPI_Fint *ierr)     \
	{                                                                                          \
		struct rf_keyval keyval = {.kind = KIND,                                           \
					   .form = RF_ATTR_AINT,                                   \
					   .copy = copy,                                           \
					   .remove = remove,                                       \
					   .state.aint = *state};                                  \
                                                                                                   \
		create(&keyval, FUNCTION, key, ierr);                                              \
	}                                                                                          \
	void rf_fortran_##name##_get_attr(MPI_Fint *handle, MPI_Fint *key, MPI_Aint *value,        \
					  MPI_Fint *flag, MPI_Fint *ierr)                          \
	{                                                                                          \
		get_aint(KIND, *handle, *key, value, flag, ierr);                                  \
	}                                                                                          \
	void rf_fortran_##name##_set_attr(MPI_Fint *handle, MPI_Fint *key, MPI_Aint *value,        \
					  MPI_Fint *ierr)                                          \
	{                                                                                          \
		set(KIND, *handle, *key, RF_ATTR_AINT, (union rf_attr_value){.aint = *value},      \
		    ierr);                                                                         \
	}

FUNCTIONS(RF_COMM, comm, "MPI_Comm_create_keyval_f")
FUNCTIONS(RF_DATATYPE, type, "MPI_Type_create_keyval_f")
FUNCTIONS(RF_WIN, win, "MPI_Win_create_keyval_f")

void rf_fortran_keyval_create(rf_function *copy, rf_function *remove, MPI_Fint *key,
			      MPI_Fint *state, MPI_Fint *ierr)
{
	struct rf_keyval keyval = {.kind = RF_COMM,
				   .form = RF_ATTR_FINT,
				   .copy = copy,
				   .remove = remove,
				   .state.fint = *state};

	create(&keyval, "MPI_keyval_create_f", key, ierr);
}

void rf_fortran_attr_get(MPI_Fint *comm, MPI_Fint *key, MPI_Fint *value, MPI_Fint *flag,
			 MPI_Fint *ierr)
{
	union rf_attr_value got;

	get(RF_COMM, *comm, *key, RF_ATTR_FINT, &got, flag, ierr);
	if (*flag)
		*value = got.fint;
}

void rf_fortran_attr_put(MPI_Fint *comm, MPI_Fint *key, MPI_Fint *value, MPI_Fint *ierr)
{
	set(RF_COMM, *comm, *key, RF_ATTR_FINT, (union rf_attr_value){.fint = *value}, ierr);
}
