/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Messages that MPI_Mprobe and its like have matched and nobody has received yet.
 *
 * The application holds the address of an ompi_message_t. Behind it is a request that has matched
 * one fragment, in which the message's source and tag stand for MPI_Mrecv to read. For the drain
 * the fragment is received by way of another ompi_message_t; the first one stays allocated, hollow,
 * so that nobody else gets its address. Given back, the message comes with a tag of ours, which no
 * receive of the application matches; it is matched, gets its own tag again, and fills the hollow
 * one.
 */
#include <ompi_config.h>

#include <string.h>

#include <opal/class/opal_free_list.h>
#include <opal/mca/btl/btl.h>
#include <ompi/communicator/communicator.h>
#include <ompi/mca/pml/base/pml_base_request.h>
#include <ompi/mca/pml/pml.h>
#include <ompi/message/message.h>

#include "mpi/engine_list.h"
#include "mpi/quiesce_engine_parts.h"

/* From pml_base_recvreq.h, which cannot be included: it needs peruse.h, which is not installed. */
extern opal_free_list_t mca_pml_base_recv_requests;

/* From pml_ob1_hdr.h and pml_ob1_recvfrag.h, which Open MPI does not install. */
struct match_header {
	uint8_t type, flags;
	uint16_t context;
	int32_t source, tag;
	uint16_t sequence;
	uint8_t padding[2];
};
struct fragment {
	opal_free_list_item_t super;
	union {
		struct match_header match;
		uint64_t all[7];
	} header;
	size_t segments;
	struct fragment *range;
	mca_btl_base_module_t *btl;
	mca_btl_base_segment_t segment[MCA_BTL_DES_MAX_SEGMENTS];
	struct {
		size_t length;
		void *address;
	} buffer[MCA_BTL_DES_MAX_SEGMENTS];
	unsigned char bytes[8];
};

/* Of fragments that a message begins with. */
#define FIRST_TYPE (MCA_BTL_TAG_PML + 1)
#define LAST_TYPE  (MCA_BTL_TAG_PML + 3)

/* The header that MPI_Mrecv reads; NULL if this is not what it is taken for. */
static struct match_header *header_of(const mca_pml_base_request_t *base)
{
	const ompi_status_public_t *status = &base->req_ompi.req_status;
	struct fragment *fragment = base->req_addr;
	const opal_class_t *class = fragment ? fragment->super.super.super.obj_class : NULL;
	struct match_header *header;

	if (!class || strcmp(class->cls_name, "mca_pml_ob1_recv_frag_t") != 0 ||
	    class->cls_sizeof != sizeof(*fragment) || !fragment->segments)
		return NULL;
	header = fragment->segment[0].seg_addr.pval;
	if (!header || fragment->segment[0].seg_len < sizeof(*header) ||
	    header->type < FIRST_TYPE || header->type > LAST_TYPE ||
	    header->source != status->MPI_SOURCE || header->tag != status->MPI_TAG)
		return NULL;
	return header;
}

static int is_held(const mca_pml_base_request_t *base)
{
	return base->req_ompi.req_state != OMPI_REQUEST_INVALID &&
	       REQUEST_COMPLETE(&base->req_ompi) &&
	       (base->req_type == MCA_PML_REQUEST_MPROBE ||
		base->req_type == MCA_PML_REQUEST_IMPROBE);
}

/* A message that is not in use keeps the address of its last request. */
static int is_unused(const ompi_message_t *message)
{
	opal_lifo_t *list = &ompi_message_free_list.super;
	volatile opal_list_item_t *item = list->opal_lifo_head.data.item;

	for (; item && item != &list->opal_lifo_ghost; item = item->opal_list_next)
		if (item == &message->super.super)
			return 1;
	return 0;
}

/*
 * Without their locks, which need cmpxchg16b: while messages are drained and given back no other
 * thread takes or returns one.
 */
static ompi_message_t *take(void)
{
	ompi_message_t *message = (void *)opal_free_list_get_st(&ompi_message_free_list);

	if (message)
		message->req_ptr = NULL;
	return message;
}

static void give(ompi_message_t *message)
{
	message->req_ptr = NULL;
	opal_free_list_return_st(&ompi_message_free_list, &message->super);
}

struct search {
	const mca_pml_base_request_t *base; /* that was found; or whose message is searched for */
	ompi_message_t *message;
	int messages; /* that could be its */
};

/* One that MPI_Mprobe has taken, and has no message for yet, still has what it had the last time.
 */
static int find_message(void *arg, void *element)
{
	struct search *search = arg;
	ompi_message_t *message = element;
	const ompi_status_public_t *status = &search->base->req_ompi.req_status;

	if (message->req_ptr != search->base || is_unused(message) ||
	    message->comm != search->base->req_comm || message->peer != status->MPI_SOURCE ||
	    message->count != status->_ucount)
		return 0;
	search->message = message;
	search->messages++;
	return 0;
}

/* MPI_Mprobe's own, which has no message yet. */
static int count_waiting(void *arg, void *element)
{
	const mca_pml_base_request_t *base = element;

	*(int *)arg += base->req_ompi.req_state == OMPI_REQUEST_ACTIVE &&
		       !REQUEST_COMPLETE(&base->req_ompi) &&
		       base->req_type == MCA_PML_REQUEST_MPROBE;
	return 0;
}

static int find_held(void *arg, void *element)
{
	struct search *search = arg;

	if (!is_held(element))
		return 0;
	search->base = element;
	return 1;
}

/*
 * MPI_Mprobe takes a message from the list first, which may have the address of the request that it
 * takes next from an earlier time, and sets it at its end. So nobody may be on his way out of it.
 */
int rf_held_next(int probing, struct rf_held *held)
{
	struct search search = {.base = NULL};
	const mca_pml_base_request_t *base;
	int waiting = 0;

	if (!rf_list_walk(&mca_pml_base_recv_requests, find_held, &search))
		return 0;
	rf_list_walk(&mca_pml_base_recv_requests, count_waiting, &waiting);
	base = search.base;
	rf_list_walk(&ompi_message_free_list, find_message, &search);
	if (waiting < probing || !search.messages)
		return 2;
	if (!header_of(base) || search.messages > 1)
		return -1;
	held->message = search.message;
	held->comm = search.message->comm;
	held->taken.source = base->req_ompi.req_status.MPI_SOURCE;
	held->taken.tag = base->req_ompi.req_status.MPI_TAG;
	held->taken.size = base->req_ompi.req_status._ucount;
	return 1;
}

int rf_held_fetch(MPI_Message message, void *bytes, size_t n, MPI_Request *request)
{
	ompi_message_t *other = take();

	if (!other)
		return -1;
	other->comm = message->comm;
	other->req_ptr = message->req_ptr;
	other->peer = message->peer;
	other->count = message->count;
	message->req_ptr = NULL;
	return rf_traffic_fetch(&other, bytes, n, request);
}

int rf_held_fill(MPI_Message message, MPI_Comm comm, int source, int tag, uint32_t id, int what)
{
	struct match_header *header;
	mca_pml_base_request_t *base;
	ompi_message_t *other;
	int matched = 0;

	if (MCA_PML_CALL(improbe(source, RF_TAG(id, what), comm, &matched, &other,
				 MPI_STATUS_IGNORE)) != OMPI_SUCCESS)
		return -1;
	if (!matched)
		return 0;
	base = other->req_ptr;
	header = header_of(base);
	if (!header)
		return -1;
	header->tag = base->req_ompi.req_status.MPI_TAG = tag;
	message->comm = comm;
	message->req_ptr = base;
	message->peer = other->peer;
	message->count = other->count;
	give(other);
	return 1;
}

int rf_held_index(MPI_Message message)
{
	return message->m_f_to_c_index == MPI_UNDEFINED ? -1 : message->m_f_to_c_index;
}

MPI_Message rf_held_hollow(int index)
{
	ompi_message_t *message = take();

	if (!message || index < 0)
		return message;
	if (opal_pointer_array_set_item(&ompi_message_f_to_c_table, index, message) !=
	    OPAL_SUCCESS) {
		give(message);
		return NULL;
	}
	message->m_f_to_c_index = index;
	return message;
}
