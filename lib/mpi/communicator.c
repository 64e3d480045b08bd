/* SPDX-License-Identifier: BSD-3-Clause */
/* Communicators: the calls that copy or delete attributes, which the engine does not know. */
#include "mpi/attribute.h"
#include "mpi/collective.h"
#include "mpi/engine_table.h"
#include "mpi/shim.h"

/* The end of every duplication: the attributes follow, or the new communicator goes. */
static int duplicated(MPI_Comm comm, struct rf_handle *made, MPI_Comm *newcomm,
		      const char *function)
{
	int rc, code = rf_attr_copy_all((struct rf_handle *)comm, made);
	MPI_Comm real;

	if (!code) {
		*newcomm = (MPI_Comm)made;
		return MPI_SUCCESS;
	}
	rf_attr_delete_all(made); /* those that were copied before */
	RF_BEGIN(RF_IN_OTHER);
	real = made->real;
	RF_ENGINE(rc, MPI_Comm_free(&real));
	(void)rc; /* the error to report is the copy function's */
	rf_handle_release(made);
	RF_END();
	*newcomm = rf_app_null(RF_COMM);
	return rf_error_raise(RF_COMM, comm, code, function);
}

/* After the engine's call: ends it. NULL if it has failed. */
static struct rf_handle *made_handle(int rc, MPI_Comm real)
{
	struct rf_handle *made = rc == MPI_SUCCESS ? rf_handle_out(RF_COMM, real) : NULL;

	RF_END();
	return made;
}

int rf_MPI_Comm_dup(MPI_Comm comm, MPI_Comm *newcomm)
{
	MPI_Comm real = NULL;
	struct rf_handle *made;
	int rc;

	RF_BEGIN_COLLECTIVE(comm);
	RF_ENGINE(rc, MPI_Comm_dup(rf_real(comm), newcomm ? &real : NULL));
	made = made_handle(rc, real);
	if (!made)
		return rf_error_deliver(rc);
	return duplicated(comm, made, newcomm, "MPI_Comm_dup");
}

int rf_MPI_Comm_dup_with_info(MPI_Comm comm, MPI_Info info, MPI_Comm *newcomm)
{
	MPI_Comm real = NULL;
	struct rf_handle *made;
	int rc;

	RF_BEGIN_COLLECTIVE(comm);
	RF_ENGINE(rc, MPI_Comm_dup_with_info(rf_real(comm), rf_real(info), newcomm ? &real : NULL));
	made = made_handle(rc, real);
	if (!made)
		return rf_error_deliver(rc);
	return duplicated(comm, made, newcomm, "MPI_Comm_dup_with_info");
}

/* Open MPI 4.1 returns the new communicator at once; only its use must wait for the request. */
int rf_MPI_Comm_idup(MPI_Comm comm, MPI_Comm *newcomm, MPI_Request *request)
{
	MPI_Comm real = NULL;
	struct rf_handle *made;
	int rc;

	RF_BEGIN_COLLECTIVE(comm);
	RF_ENGINE(rc, MPI_Comm_idup(rf_real(comm), newcomm ? &real : NULL, request));
	if (rc == MPI_SUCCESS) {
		rf_gate_cross();
		rf_mpi.calls->state->idup(*request);
		rf_gate_cross_back();
	}
	made = made_handle(rc, real);
	if (!made)
		return rf_error_deliver(rc);
	return duplicated(comm, made, newcomm, "MPI_Comm_idup");
}

int rf_MPI_Comm_free(MPI_Comm *comm)
{
	struct rf_handle *handle = comm ? (struct rf_handle *)*comm : NULL;
	MPI_Comm real;
	int rc;

	if (handle && handle->uses) {
		rc = rf_attr_delete_all(handle);
		if (rc)
			return rf_error_raise(RF_COMM, handle, rc, "MPI_Comm_free");
	}
	RF_BEGIN_COLLECTIVE(handle);
	real = rf_real(handle);
	RF_ENGINE(rc, MPI_Comm_free(comm ? &real : NULL));
	if (rc == MPI_SUCCESS) {
		rf_handle_release(handle);
		*comm = rf_app_null(RF_COMM);
	}
	RF_END();
	return rc == MPI_SUCCESS ? rc : rf_error_deliver(rc);
}

int rf_MPI_Comm_disconnect(MPI_Comm *comm)
{
	struct rf_handle *handle = comm ? (struct rf_handle *)*comm : NULL;
	MPI_Comm real;
	int rc;

	if (handle && handle->uses)
		rf_attr_delete_all(handle);
	RF_BEGIN_COLLECTIVE(handle);
	real = rf_real(handle);
	RF_ENGINE(rc, MPI_Comm_disconnect(comm ? &real : NULL));
	if (rc == MPI_SUCCESS) {
		rf_handle_release(handle);
		*comm = rf_app_null(RF_COMM);
	}
	RF_END();
	return rc == MPI_SUCCESS ? rc : rf_error_deliver(rc);
}
