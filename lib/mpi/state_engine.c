/* SPDX-License-Identifier: BSD-3-Clause */
#include <ompi_config.h>

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include <opal/class/opal_free_list.h>
#include <opal/mca/base/mca_base_var.h>
#include <opal/util/proc.h>
#include <ompi/communicator/communicator.h>
#include <ompi/datatype/ompi_datatype.h>
#include <ompi/group/group.h>
#include <ompi/info/info.h>
#include <ompi/mca/coll/coll.h>
#include <ompi/mca/pml/base/pml_base_request.h>
#include <ompi/request/request.h>
#include <ompi/win/win.h>

#include "mpi/engine_list.h"
#include "mpi/engine_nowhere.h"
#include "mpi/state_engine.h"

/* Their headers are not installed, or include some that are not. */
extern opal_class_t ompi_comm_request_t_class;
extern opal_class_t ompi_errhandler_t_class;
extern opal_class_t ompi_file_t_class;
extern opal_class_t ompi_op_t_class;

static int live(const void *object, enum rf_kind kind)
{
	static const opal_class_t *const class[RF_KINDS] = {
		[RF_COMM] = OBJ_CLASS(ompi_communicator_t),
		[RF_GROUP] = OBJ_CLASS(ompi_group_t),
		[RF_DATATYPE] = OBJ_CLASS(ompi_datatype_t),
		[RF_OP] = OBJ_CLASS(ompi_op_t),
		[RF_INFO] = OBJ_CLASS(ompi_info_t),
		[RF_ERRHANDLER] = OBJ_CLASS(ompi_errhandler_t),
		[RF_WIN] = OBJ_CLASS(ompi_win_t),
		[RF_FILE] = OBJ_CLASS(ompi_file_t),
	};
	const opal_object_t *o = object;

	return o->obj_class == class[kind] && o->obj_reference_count > 0;
}

static void retain(void *object, unsigned times)
{
	if (times)
		opal_obj_update(object, (int)times);
}

static int group_ranks(MPI_Group group, int *ranks)
{
	int size = ompi_group_size(group);

	for (int i = 0; ranks && i < size; i++) {
		opal_process_name_t name = ompi_group_get_proc_name(group, i);

		ranks[i] = name.jobid == OPAL_PROC_MY_NAME.jobid ? (int)name.vpid : -1;
	}
	return size;
}

static int type_counts(MPI_Datatype type, int counts[3], int *combiner)
{
	return ompi_datatype_get_args(type, 0, &counts[0], NULL, &counts[1], NULL, &counts[2], NULL,
				      combiner) == OMPI_SUCCESS
		       ? 0
		       : -1;
}

static int type_arguments(MPI_Datatype type, const int counts[3], int *integers,
			  MPI_Aint *addresses, MPI_Datatype *types)
{
	int n[3] = {counts[0], counts[1], counts[2]};

	return ompi_datatype_get_args(type, 1, &n[0], integers, &n[1], addresses, &n[2], types,
				      NULL) == OMPI_SUCCESS
		       ? 0
		       : -1;
}

static int type_committed(MPI_Datatype type)
{
	return ompi_datatype_is_committed(type);
}

/*
 * The beginning of struct ompi_coll_libnbc_component_t in ompi/mca/coll/libnbc/coll_libnbc.h, which
 * Open MPI does not install.
 */
struct libnbc {
	mca_coll_base_component_2_0_0_t super;
	opal_free_list_t requests;
};

struct visit {
	int (*each)(void *arg, const struct rf_other_request *other);
	void *arg;
};

static int show(const struct visit *visit, ompi_request_t *request, int what)
{
	struct rf_other_request other = {.request = request,
					 .what = what,
					 .persistent = request->req_persistent,
					 .complete = REQUEST_COMPLETE(request),
					 .status = request->req_status};

	return visit->each(visit->arg, &other);
}

static int show_collective(void *arg, void *element)
{
	ompi_request_t *request = element;

	return request->req_state == OMPI_REQUEST_INVALID
		       ? 0
		       : show(arg, request, RF_REQUEST_COLLECTIVE);
}

/* Requests of MPI_Comm_idup: each object once, alive or not; they are taken from a free list. */
struct told {
	struct told *next;
	ompi_request_t *request;
};
static struct told *told;

static void idup(MPI_Request request)
{
	struct told *entry;

	for (entry = told; entry; entry = entry->next)
		if (entry->request == request)
			return;
	entry = malloc(sizeof(*entry));
	if (!entry)
		return; /* then a switch finds a request that it does not know, and says so */
	entry->request = request;
	entry->next = told;
	told = entry;
}

/* What completed() has made, and is not yet freed. */
struct kept {
	struct kept *next, **link;
	MPI_Status status;
	MPI_Request request;
};
static struct kept *all_kept;

static int requests(int (*each)(void *arg, const struct rf_other_request *other), void *arg)
{
	struct visit visit = {each, arg};
	struct libnbc *libnbc = dlsym(RTLD_DEFAULT, "mca_coll_libnbc_component");
	int ret = 0;

	if (libnbc)
		ret = rf_list_walk(&libnbc->requests, show_collective, &visit);
	for (struct told *entry = told; entry && !ret; entry = entry->next)
		if (((opal_object_t *)entry->request)->obj_class == &ompi_comm_request_t_class &&
		    entry->request->req_state == OMPI_REQUEST_ACTIVE)
			ret = show(&visit, entry->request, RF_REQUEST_COLLECTIVE);
	for (struct kept *kept = all_kept; kept && !ret; kept = kept->next) {
		struct rf_other_request other = {.request = kept->request,
						 .what = RF_REQUEST_KEPT,
						 .complete = 1,
						 .status = kept->status};

		ret = each(arg, &other);
	}
	return ret ? ret : rf_nowhere_each(each, arg);
}

static int complete(MPI_Request request)
{
	return REQUEST_COMPLETE(request);
}

/* The tag of a receive's status is set by the match (pml_ob1_recvreq.h). */
static int matched(MPI_Request request)
{
	return request->req_status.MPI_TAG != MPI_ANY_TAG;
}

static int request_index(MPI_Request request)
{
	return request->req_f_to_c_index == MPI_UNDEFINED ? -1 : request->req_f_to_c_index;
}

static int request_number(MPI_Request request, int index)
{
	if (opal_pointer_array_set_item(&ompi_request_f_to_c_table, index, request) != OPAL_SUCCESS)
		return -1;
	request->req_f_to_c_index = index;
	return 0;
}

/* A generalized request that is complete from the start: its query hands out the kept status. */
static int query(void *extra, MPI_Status *status)
{
	*status = ((const struct kept *)extra)->status;
	return status->MPI_ERROR;
}

static int release(void *extra)
{
	struct kept *kept = extra;

	*kept->link = kept->next;
	if (kept->next)
		kept->next->link = kept->link;
	free(kept);
	return MPI_SUCCESS;
}

static int cancel(void *extra, int is_complete)
{
	(void)extra;
	(void)is_complete;
	return MPI_SUCCESS;
}

static int completed(const MPI_Status *status, MPI_Request *request)
{
	struct kept *kept = malloc(sizeof(*kept));
	int rc;

	if (!kept)
		return MPI_ERR_NO_MEM;
	rc = MPI_Grequest_start(query, release, cancel, kept, request);
	if (rc != MPI_SUCCESS) {
		free(kept);
		return rc;
	}
	kept->status = *status;
	kept->request = *request;
	kept->next = all_kept;
	kept->link = &all_kept;
	if (all_kept)
		all_kept->link = &kept->next;
	all_kept = kept;
	return MPI_Grequest_complete(*request);
}

static void restarted(MPI_Request request, const MPI_Status *status)
{
	request->req_status = *status;
	request->req_complete = REQUEST_COMPLETED;
	request->req_state = OMPI_REQUEST_ACTIVE;
}

static void forsake(MPI_Request request)
{
	if (request->req_cancel)
		request->req_cancel(request, 1);
}

static int layer_chosen(void)
{
	mca_base_var_source_t source = MCA_BASE_VAR_SOURCE_MAX;
	int variable = mca_base_var_find("ompi", "pml", NULL, NULL);
	const char *const *value = NULL;

	if (variable < 0 || mca_base_var_get_value(variable, &value, &source, NULL) != OPAL_SUCCESS)
		return 1;
	if (source == MCA_BASE_VAR_SOURCE_DEFAULT)
		return 0;
	/* a site's file that only excludes some: Debian's has "^ucx" */
	return source != MCA_BASE_VAR_SOURCE_FILE || !value || !*value || **value != '^';
}

const struct rf_state_engine rf_state_engine = {
	.live = live,
	.retain = retain,
	.group_ranks = group_ranks,
	.type_counts = type_counts,
	.type_arguments = type_arguments,
	.type_committed = type_committed,
	.requests = requests,
	.idup = idup,
	.complete = complete,
	.matched = matched,
	.request_index = request_index,
	.request_number = request_number,
	.completed = completed,
	.restarted = restarted,
	.forsake = forsake,
	.layer_chosen = layer_chosen,
	.empty = (MPI_Request)&ompi_request_empty,
};
