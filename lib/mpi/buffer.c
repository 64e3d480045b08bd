/* SPDX-License-Identifier: BSD-3-Clause */
#include "mpi/buffer.h"

#include "mpi/shim.h"

static void *attached;
static int attached_size;

int rf_MPI_Buffer_attach(void *buffer, int size)
{
	int rc;

	RF_CALL(rc, MPI_Buffer_attach(buffer, size));
	if (rc != MPI_SUCCESS)
		return rf_error_deliver(rc);
	attached = buffer;
	attached_size = size;
	return rc;
}

int rf_MPI_Buffer_detach(void *buffer, int *size)
{
	int rc;

	RF_CALL(rc, MPI_Buffer_detach(buffer, size));
	if (rc != MPI_SUCCESS)
		return rf_error_deliver(rc);
	attached = NULL;
	return rc;
}

int rf_buffer_again(void)
{
	int rc = MPI_SUCCESS;

	if (attached)
		RF_CALL(rc, MPI_Buffer_attach(attached, attached_size));
	return rc;
}
