/* SPDX-License-Identifier: BSD-3-Clause */
#include "mpi/request.h"

void *rf_own_null_in(void *own, enum rf_kind kind)
{
	if (kind == RF_REQUEST)
		return own == rf_app(ompi_request_null) ? rf_mpi.object[RF_OBJECT_ompi_request_null]
							: own;
	if (own == rf_app(ompi_message_null))
		return rf_mpi.object[RF_OBJECT_ompi_message_null];
	if (own == rf_app(ompi_message_no_proc))
		return rf_mpi.object[RF_OBJECT_ompi_message_no_proc];
	return own;
}

void *rf_own_null_out(void *own, enum rf_kind kind)
{
	if (kind == RF_REQUEST)
		return own == rf_mpi.object[RF_OBJECT_ompi_request_null] ? rf_app(ompi_request_null)
									 : own;
	if (own == rf_mpi.object[RF_OBJECT_ompi_message_null])
		return rf_app(ompi_message_null);
	if (own == rf_mpi.object[RF_OBJECT_ompi_message_no_proc])
		return rf_app(ompi_message_no_proc);
	return own;
}
