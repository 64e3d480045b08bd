/* SPDX-License-Identifier: BSD-3-Clause */
/* Datatypes: the calls that copy or delete attributes, and the one that returns several handles. */
#include <stdlib.h>

#include "mpi/array.h"
#include "mpi/attribute.h"
#include "mpi/shim.h"
#include "mpi/start.h"

int rf_MPI_Type_dup(MPI_Datatype type, MPI_Datatype *newtype)
{
	struct rf_handle *made = NULL;
	MPI_Datatype real = NULL;
	int rc, code;

	RF_BEGIN(RF_IN_OTHER);
	RF_ENGINE(rc, MPI_Type_dup(rf_real(type), newtype ? &real : NULL));
	if (rc == MPI_SUCCESS)
		made = rf_handle_out(RF_DATATYPE, real);
	RF_END();
	if (!made)
		return rf_error_deliver(rc);
	code = rf_attr_copy_all((struct rf_handle *)type, made);
	if (code) {
		rf_attr_delete_all(made); /* those that were copied before */
		RF_BEGIN(RF_IN_OTHER);
		real = made->real;
		RF_ENGINE(rc, MPI_Type_free(&real));
		rf_handle_release(made);
		RF_END();
		*newtype = rf_app_null(RF_DATATYPE);
		rf_error_raise(RF_COMM, NULL, MPI_ERR_INTERN, "MPI_Type_dup"); /* as Open MPI */
		return MPI_ERR_INTERN;
	}
	*newtype = (MPI_Datatype)made;
	return MPI_SUCCESS;
}

int rf_MPI_Type_free(MPI_Datatype *type)
{
	struct rf_handle *handle = type ? (struct rf_handle *)*type : NULL;
	MPI_Datatype real;
	int rc;

	if (handle && handle->uses == 1)
		rf_attr_delete_all(handle);
	RF_BEGIN(RF_IN_OTHER);
	real = rf_real(handle);
	RF_ENGINE(rc, MPI_Type_free(type ? &real : NULL));
	if (rc == MPI_SUCCESS) {
		rf_handle_release(handle);
		*type = rf_app_null(RF_DATATYPE);
	}
	RF_END();
	return rc == MPI_SUCCESS ? rc : rf_error_deliver(rc);
}

int rf_MPI_Type_get_contents(MPI_Datatype mtype, int max_integers, int max_addresses,
			     int max_datatypes, int array_of_integers[],
			     MPI_Aint array_of_addresses[], MPI_Datatype array_of_datatypes[])
{
	MPI_Datatype few[RF_FEW] = {NULL}, *real = few;
	int rc;

	if (max_datatypes > RF_FEW)
		real = calloc((size_t)max_datatypes, sizeof(*real));
	if (!real)
		rf_shim_die("out of memory for an array of %d datatypes", max_datatypes);
	RF_BEGIN(RF_IN_OTHER);
	RF_ENGINE(rc, MPI_Type_get_contents(rf_real(mtype), max_integers, max_addresses,
					    max_datatypes, array_of_integers, array_of_addresses,
					    array_of_datatypes ? real : NULL));
	/* The engine fills in as many as there are, and leaves the rest alone. */
	for (int i = 0; rc == MPI_SUCCESS && array_of_datatypes && i < max_datatypes; i++)
		if (real[i])
			array_of_datatypes[i] = rf_handle_out(RF_DATATYPE, real[i]);
	RF_END();
	if (real != few)
		free(real);
	return rc == MPI_SUCCESS ? rc : rf_error_deliver(rc);
}
