/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Markers behind everything that was sent before.
 *
 * A marker is an empty message with a negative tag, sent through the point-to-point layer as the
 * library's own collectives send: MPI_ANY_TAG does not match it. Matching is in order per sender
 * and communicator, so a marker that was received means that every earlier message of that sender
 * has been matched or lies in the queue of unexpected messages.
 */
#include <ompi_config.h>

#include <stdlib.h>

#include <ompi/communicator/communicator.h>
#include <ompi/datatype/ompi_datatype.h>
#include <ompi/mca/pml/pml.h>
#include <ompi/request/request.h>

#include "mpi/quiesce_engine_parts.h"

struct rf_flush {
	int count;		   /* of requests still under way */
	ompi_request_t *request[]; /* two for each peer */
};

static int peers(ompi_communicator_t *comm)
{
	return OMPI_COMM_IS_INTER(comm) ? ompi_comm_remote_size(comm) : ompi_comm_size(comm);
}

struct rf_flush *rf_flush_start(MPI_Comm comm, uint32_t id)
{
	int n = peers(comm);
	struct rf_flush *flush =
		calloc(1, sizeof(*flush) + 2 * (size_t)n * sizeof(ompi_request_t *));

	if (!flush)
		return NULL;
	for (int peer = 0; peer < n; peer++) {
		if (OMPI_COMM_IS_INTRA(comm) && peer == ompi_comm_rank(comm))
			continue;
		if (MCA_PML_CALL(irecv(NULL, 0, MPI_BYTE, peer, RF_TAG_MARKER(id), comm,
				       &flush->request[flush->count])) != OMPI_SUCCESS)
			goto fail;
		flush->count++;
		if (MCA_PML_CALL(isend(NULL, 0, MPI_BYTE, peer, RF_TAG_MARKER(id),
				       MCA_PML_BASE_SEND_STANDARD, comm,
				       &flush->request[flush->count])) != OMPI_SUCCESS)
			goto fail;
		flush->count++;
	}
	return flush;
fail:
	rf_flush_free(flush);
	return NULL;
}

int rf_flush_test(struct rf_flush *flush)
{
	while (flush->count) {
		ompi_request_t **last = &flush->request[flush->count - 1];

		if (!REQUEST_COMPLETE(*last))
			return 0;
		if ((*last)->req_status.MPI_ERROR != MPI_SUCCESS)
			return -1;
		ompi_request_free(last);
		flush->count--;
	}
	return 1;
}

/* A receive that is not matched is taken back; a send of no bytes needs nobody to end. */
int rf_flush_free(struct rf_flush *flush)
{
	while (flush->count) {
		ompi_request_t **last = &flush->request[--flush->count];

		if (!REQUEST_COMPLETE(*last))
			ompi_request_cancel(*last);
		ompi_request_free(last);
	}
	free(flush);
	return 0;
}
