/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The application's requests, read from the point-to-point layer.
 *
 * ob1 (and cm, for what they share) keep everything that a request was made with in its base part,
 * and take requests from two free lists; an element that is in use is a live request. So nothing
 * has to be recorded when a message is sent or a receive is posted.
 */
#include <ompi_config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <opal/class/opal_free_list.h>
#include <ompi/communicator/communicator.h>
#include <ompi/mca/pml/base/pml_base_request.h>
#include <ompi/mca/pml/base/base.h>
#include <ompi/mca/pml/pml.h>
#include <opal/runtime/opal_progress.h>

#include "mpi/engine_list.h"
#include "mpi/engine_sleep.h"
#include "mpi/quiesce_engine_parts.h"

/*
 * From pml_base_sendreq.h and pml_base_recvreq.h, which cannot be included: they need peruse.h,
 * which Open MPI does not install.
 */
extern opal_free_list_t mca_pml_base_send_requests;
extern opal_free_list_t mca_pml_base_recv_requests;

struct send_request {
	mca_pml_base_request_t base;
	const void *address;
	size_t bytes_packed;
	mca_pml_base_send_mode_t mode;
};

static int mode_letter(mca_pml_base_send_mode_t mode)
{
	switch (mode) {
	case MCA_PML_BASE_SEND_BUFFERED:
		return 'b';
	case MCA_PML_BASE_SEND_SYNCHRONOUS:
		return 'y';
	case MCA_PML_BASE_SEND_READY:
		return 'r';
	default:
		return 's';
	}
}

/* Fills `record` from a request; 0 if the element is not one that the application could know. */
static int read_request(mca_pml_base_request_t *base, int receive, struct rf_request_record *record)
{
	ompi_request_t *request = &base->req_ompi;

	if (request->req_state == OMPI_REQUEST_INVALID || !base->req_comm ||
	    request->req_type != OMPI_REQUEST_PML)
		return 0;
	if (base->req_type != MCA_PML_REQUEST_SEND && base->req_type != MCA_PML_REQUEST_RECV)
		return 0; /* of a probe that matches */
	if (base->req_tag < 0 && base->req_tag != MPI_ANY_TAG)
		return 0; /* of a collective or of a flush */
	memset(record, 0, sizeof(*record));
	record->request = request;
	record->receive = receive;
	record->persistent = request->req_persistent;
	record->active = request->req_state == OMPI_REQUEST_ACTIVE && !REQUEST_COMPLETE(request);
	record->started = request->req_state == OMPI_REQUEST_ACTIVE;
	record->freed = base->req_free_called;
	record->buffer = base->req_addr;
	record->count = base->req_count;
	record->datatype = base->req_datatype;
	record->comm = base->req_comm;
	record->peer = base->req_peer;
	record->tag = base->req_tag;
	record->order = base->req_sequence;
	record->status = request->req_status;
	if (!receive) {
		record->mode = mode_letter(((struct send_request *)base)->mode);
	}
	return 1;
}

struct visit {
	int (*each)(void *arg, const struct rf_request_record *record);
	void *arg;
	int receive;
};

static int show(void *arg, void *element)
{
	const struct visit *visit = arg;
	struct rf_request_record record;

	return read_request(element, visit->receive, &record) ? visit->each(visit->arg, &record)
							      : 0;
}

int rf_requests_each(int (*each)(void *arg, const struct rf_request_record *record), void *arg)
{
	struct visit visit = {each, arg, 0};
	int ret = rf_list_walk(&mca_pml_base_send_requests, show, &visit);

	visit.receive = 1;
	return ret ? ret : rf_list_walk(&mca_pml_base_recv_requests, show, &visit);
}

static int readable(char *name, size_t size)
{
	const char *selected = mca_pml_base_selected_component.pmlm_version.mca_component_name;

	snprintf(name, size, "%s", selected);
	return !strcmp(selected, "ob1");
}

/* A generalized request that is complete from the start: its query hands out the kept status. */
static int query(void *extra, MPI_Status *status)
{
	*status = *(const MPI_Status *)extra;
	return status->MPI_ERROR;
}

static int release(void *extra)
{
	free(extra);
	return MPI_SUCCESS;
}

static int cancel(void *extra, int complete)
{
	(void)extra;
	(void)complete;
	return MPI_SUCCESS;
}

static int completed(const MPI_Status *status, MPI_Request *request)
{
	MPI_Status *kept = malloc(sizeof(*kept));
	int rc;

	if (!kept)
		return MPI_ERR_NO_MEM;
	*kept = *status;
	rc = MPI_Grequest_start(query, release, cancel, kept, request);
	if (rc != MPI_SUCCESS) {
		free(kept);
		return rc;
	}
	return MPI_Grequest_complete(*request);
}

static int progress(void)
{
	opal_progress();
	rf_sleep_wake();
	return 0;
}

const struct rf_quiesce_engine rf_quiesce_engine = {
	.readable = readable,
	.comm_id = rf_comm_id,
	.comm_clock = rf_comm_clock,
	.comm_world = rf_comm_world,
	.flush_start = rf_flush_start,
	.flush_test = rf_flush_test,
	.flush_free = rf_flush_free,
	.send = rf_traffic_send,
	.receive = rf_traffic_receive,
	.take = rf_traffic_take,
	.fetch = rf_traffic_fetch,
	.send_again = rf_traffic_send_again,
	.held = rf_held_next,
	.held_fetch = rf_held_fetch,
	.held_fill = rf_held_fill,
	.held_index = rf_held_index,
	.held_hollow = rf_held_hollow,
	.test = rf_traffic_test,
	.traffic = rf_traffic,
	.requests = rf_requests_each,
	.progress = progress,
	.completed = completed,
};
