/* SPDX-License-Identifier: BSD-3-Clause */
/* Communicators: the calls that copy or delete attributes, which the engine does not know. */
#include "mpi/attribute.h"
#include "mpi/shim.h"

/* The end of every duplication: the attributes follow, or the new communicator goes. */
static int duplicated(MPI_Comm comm, MPI_Comm real, MPI_Comm *newcomm, const char *function)
{
	struct rf_handle *made = rf_handle_out(RF_COMM, real);
	int rc, code = rf_attr_copy_all((struct rf_handle *)comm, made);

	if (!code) {
		*newcomm = (MPI_Comm)made;
		return MPI_SUCCESS;
	}
	rf_attr_delete_all(made); /* those that were copied before */
	RF_CALL(rc, MPI_Comm_free(&real));
	(void)rc; /* the error to report is the copy function's */
	rf_handle_release(made);
	*newcomm = rf_app_null(RF_COMM);
	return rf_error_raise(RF_COMM, comm, code, function);
}

int rf_MPI_Comm_dup(MPI_Comm comm, MPI_Comm *newcomm)
{
	MPI_Comm real = NULL;
	int rc;

	RF_CALL(rc, MPI_Comm_dup(rf_real(comm), newcomm ? &real : NULL));
	if (rc != MPI_SUCCESS)
		return rf_error_deliver(rc);
	return duplicated(comm, real, newcomm, "MPI_Comm_dup");
}

int rf_MPI_Comm_dup_with_info(MPI_Comm comm, MPI_Info info, MPI_Comm *newcomm)
{
	MPI_Comm real = NULL;
	int rc;

	RF_CALL(rc, MPI_Comm_dup_with_info(rf_real(comm), rf_real(info), newcomm ? &real : NULL));
	if (rc != MPI_SUCCESS)
		return rf_error_deliver(rc);
	return duplicated(comm, real, newcomm, "MPI_Comm_dup_with_info");
}

/* Open MPI 4.1 returns the new communicator at once; only its use must wait for the request. */
int rf_MPI_Comm_idup(MPI_Comm comm, MPI_Comm *newcomm, MPI_Request *request)
{
	MPI_Comm real = NULL;
	int rc;

	RF_CALL(rc, MPI_Comm_idup(rf_real(comm), newcomm ? &real : NULL, request));
	if (rc != MPI_SUCCESS)
		return rf_error_deliver(rc);
	return duplicated(comm, real, newcomm, "MPI_Comm_idup");
}

int rf_MPI_Comm_free(MPI_Comm *comm)
{
	struct rf_handle *handle = comm ? (struct rf_handle *)*comm : NULL;
	MPI_Comm real = rf_real(handle);
	int rc;

	if (handle && handle->uses) {
		rc = rf_attr_delete_all(handle);
		if (rc)
			return rf_error_raise(RF_COMM, handle, rc, "MPI_Comm_free");
	}
	RF_CALL(rc, MPI_Comm_free(comm ? &real : NULL));
	if (rc != MPI_SUCCESS)
		return rf_error_deliver(rc);
	rf_handle_release(handle);
	*comm = rf_app_null(RF_COMM);
	return MPI_SUCCESS;
}

int rf_MPI_Comm_disconnect(MPI_Comm *comm)
{
	struct rf_handle *handle = comm ? (struct rf_handle *)*comm : NULL;
	MPI_Comm real = rf_real(handle);
	int rc;

	if (handle && handle->uses)
		rf_attr_delete_all(handle);
	RF_CALL(rc, MPI_Comm_disconnect(comm ? &real : NULL));
	if (rc != MPI_SUCCESS)
		return rf_error_deliver(rc);
	rf_handle_release(handle);
	*comm = rf_app_null(RF_COMM);
	return MPI_SUCCESS;
}
