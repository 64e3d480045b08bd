/* SPDX-License-Identifier: BSD-3-Clause */
/* Bytes beside the application's messages, and what of its own is still under way. */
#include <ompi_config.h>

#include <string.h>

#include <ompi/communicator/communicator.h>
#include <ompi/datatype/ompi_datatype.h>
#include <ompi/mca/coll/base/base.h>
#include <ompi/mca/coll/coll.h>
#include <ompi/mca/pml/base/pml_base_request.h>
#include <ompi/mca/pml/pml.h>
#include <ompi/request/request.h>
#include <opal/class/opal_free_list.h>
#include <opal/mca/base/base.h>

#include "mpi/quiesce_engine_parts.h"

static int status_of(int rc)
{
	return rc == OMPI_SUCCESS ? 0 : -1;
}

int rf_traffic_send(const void *bytes, size_t n, int peer, MPI_Comm comm, uint32_t id, int what,
		    MPI_Request *request)
{
	return status_of(MCA_PML_CALL(isend(bytes, n, MPI_BYTE, peer, RF_TAG(id, what),
					    MCA_PML_BASE_SEND_STANDARD, comm, request)));
}

int rf_traffic_receive(void *bytes, size_t n, int peer, MPI_Comm comm, uint32_t id, int what,
		       MPI_Request *request)
{
	return status_of(
		MCA_PML_CALL(irecv(bytes, n, MPI_BYTE, peer, RF_TAG(id, what), comm, request)));
}

int rf_traffic_take(MPI_Comm comm, MPI_Message *message, struct rf_taken *taken)
{
	ompi_status_public_t status;
	int matched = 0;

	if (MCA_PML_CALL(improbe(MPI_ANY_SOURCE, MPI_ANY_TAG, comm, &matched, message, &status)) !=
	    OMPI_SUCCESS)
		return -1;
	if (!matched)
		return 0;
	taken->source = status.MPI_SOURCE;
	taken->tag = status.MPI_TAG;
	taken->size = status._ucount;
	return 1;
}

int rf_traffic_fetch(MPI_Message *message, void *bytes, size_t n, MPI_Request *request)
{
	return status_of(MCA_PML_CALL(imrecv(bytes, n, MPI_BYTE, message, request)));
}

int rf_traffic_send_again(const void *bytes, size_t n, int peer, int tag, MPI_Comm comm,
			  MPI_Request *request)
{
	return status_of(MCA_PML_CALL(
		isend(bytes, n, MPI_BYTE, peer, tag, MCA_PML_BASE_SEND_STANDARD, comm, request)));
}

int rf_traffic_test(MPI_Request *request)
{
	if (!REQUEST_COMPLETE(*request))
		return 0;
	if ((*request)->req_status.MPI_ERROR != MPI_SUCCESS)
		return -1;
	ompi_request_free(request);
	*request = NULL;
	return 1;
}

/*
 * The list of libnbc's requests that are under way, from coll_libnbc.h, which Open MPI does not
 * install. Its component's structure begins with these.
 */
struct libnbc {
	mca_coll_base_component_2_0_0_t super;
	opal_free_list_t requests;
	opal_list_t active_requests;
};

static unsigned collectives(void)
{
	mca_base_component_list_item_t *item;
	unsigned n = 0;

	OPAL_LIST_FOREACH(item, &ompi_coll_base_framework.framework_components,
			  mca_base_component_list_item_t)
	{
		const struct libnbc *libnbc = (const void *)item->cli_component;

		if (!strcmp(item->cli_component->mca_component_name, "libnbc"))
			n += (unsigned)opal_list_get_size((void *)&libnbc->active_requests);
	}
	return n;
}

/*
 * A buffered or freed send is done for the application before it is for the library, so the latter
 * is asked. A receive that has been matched has the tag of its message in its status.
 */
static int count(void *arg, const struct rf_request_record *record)
{
	const mca_pml_base_request_t *base = (const void *)record->request;
	struct rf_traffic *traffic = arg;

	if (base->req_ompi.req_state != OMPI_REQUEST_ACTIVE || base->req_pml_complete)
		return 0;
	if (!record->receive)
		traffic->sends++;
	else if (base->req_type == MCA_PML_REQUEST_RECV && record->status.MPI_TAG != MPI_ANY_TAG)
		traffic->receives++;
	return 0;
}

struct rf_traffic rf_traffic(void)
{
	struct rf_traffic traffic = {0, 0, collectives()};

	rf_requests_each(count, &traffic);
	return traffic;
}
