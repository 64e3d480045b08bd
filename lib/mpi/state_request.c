/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Requests. Receives are posted again in their order; a persistent request is made again, and
 * started again or given the status that it still has to return; what is complete otherwise
 * becomes a complete request of another kind, which no call can tell from the first.
 */
#include <errno.h>
#include <time.h>

#include "engine/internal.h"
#include "mpi/engine_table.h"
#include "mpi/grequest.h"
#include "mpi/redo.h"
#include "mpi/state.h"
#include "mpi/state_record.h"

#define PATIENCE_NS 10000000000l /* for messages that are arriving */

/* The library's list is read to its end first: what a record needs more is asked for afterwards. */
struct listed {
	struct listed *next;
	struct rf_request_record record;
	int index;
};

struct list {
	struct rf_arena arena;
	struct listed *first, **last;
	int waiting; /* sends and matched receives that are not complete */
};

/* Inside the engine. */
static int enlist(void *arg, const struct rf_request_record *record)
{
	const struct rf_state_engine *engine = rf_mpi.calls->state;
	struct list *list = arg;
	struct listed *listed;

	if (record->active && (!record->receive || engine->matched(record->request)))
		list->waiting++;
	if (record->freed && !record->active)
		return 0;
	listed = rf_arena_take(&list->arena, sizeof(*listed));
	if (!listed)
		return -1;
	listed->record = *record;
	listed->index = engine->request_index(record->request);
	*list->last = listed;
	list->last = &listed->next;
	return 0;
}

static long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000l + t.tv_nsec;
}

/* All requests of the point-to-point layer, when none of them is half done. */
static int list_all(struct list *list, struct rf_error *err)
{
	const struct rf_quiesce_engine *engine = rf_mpi.calls->quiesce;
	struct rf_thread *thread = rf_gate_thread();
	long deadline = now() + PATIENCE_NS;

	for (;;) {
		int ret;

		list->last = &list->first;
		rf_gate_enter(thread);
		ret = engine->requests(enlist, list);
		if (!ret && list->waiting)
			engine->progress();
		rf_gate_leave(thread);
		if (ret)
			return rf_state_no_memory(err);
		if (!list->waiting)
			return 0;
		if (now() > deadline)
			return rf_error_set(err, 0, "%d messages are still being sent or received",
					    list->waiting);
		rf_arena_drop(&list->arena);
		*list = (struct list){.first = NULL};
	}
}

static struct rf_request *add(struct rf_state *state, MPI_Request old, int what, int index)
{
	struct rf_request *request = rf_arena_take(&state->arena, sizeof(*request));

	if (!request)
		return NULL;
	request->old = old;
	request->what = what;
	request->index = index;
	*state->last_request = request;
	state->last_request = &request->next;
	return request;
}

static int save_listed(struct rf_state *state, const struct listed *listed, struct rf_error *err)
{
	const struct rf_request_record *record = &listed->record;
	struct rf_request *request;
	int what;

	if (record->persistent)
		what = RF_SAVED_PERSISTENT;
	else
		what = record->active ? RF_SAVED_RECEIVE : RF_SAVED_COMPLETE;
	request = add(state, record->request, what, listed->index);
	if (!request)
		return rf_state_no_memory(err);
	request->receive = record->receive;
	request->mode = record->mode;
	request->active = record->active;
	request->freed = record->freed;
	request->buffer = record->buffer;
	request->count = record->count;
	request->peer = record->peer;
	request->tag = record->tag;
	request->order = record->order;
	request->status = record->status;
	if (what == RF_SAVED_COMPLETE)
		return 0;
	if (record->persistent && record->started && !record->active)
		request->active = -1; /* complete, and MPI_Wait has not told yet */
	if (!rf_map_get(&state->objects, record->comm))
		return rf_error_set(err, 0, "a request belongs to a communicator that was freed");
	request->comm = rf_map_get(&state->objects, record->comm);
	request->type = rf_state_object(state, RF_DATATYPE, record->datatype, err);
	return request->type ? 0 : -1;
}

/* Is it the receive that a blocked thread makes again itself? Of equal ones, the last is. */
static void leave_out(struct list *list, const struct rf_state_blocked *call)
{
	struct listed **found = NULL;

	for (struct listed **link = &list->first; *link; link = &(*link)->next) {
		const struct rf_request_record *record = &(*link)->record;

		if (record->receive && record->active && !record->persistent &&
		    record->buffer == call->buffer && record->count == (size_t)call->count &&
		    record->datatype == rf_real(call->datatype) &&
		    record->comm == rf_real(call->comm) && record->peer == call->source &&
		    record->tag == call->tag && (!found || record->order > (*found)->record.order))
			found = link;
	}
	if (found)
		*found = (*found)->next;
}

static void leave_out_blocked(struct rf_thread *thread, void *list)
{
	struct rf_state_blocked call;

	if ((thread->waits == RF_IN_REDO || thread->inside == RF_IN_REDO) &&
	    rf_redo_receive(thread, &call))
		leave_out(list, &call);
}

struct others {
	struct rf_state *state;
	int pending, persistent, no_memory;
};

/* Inside the engine. */
static int save_other(void *arg, const struct rf_other_request *other)
{
	const struct rf_state_engine *engine = rf_mpi.calls->state;
	struct others *others = arg;
	struct rf_request *request;

	if (other->persistent)
		others->persistent++;
	else if (!other->complete)
		others->pending++;
	if (other->persistent || !other->complete)
		return 0;
	request = add(others->state, other->request,
		      other->what == RF_REQUEST_NOWHERE ? RF_SAVED_NOWHERE : RF_SAVED_COMPLETE,
		      engine->request_index(other->request));
	if (!request) {
		others->no_memory = 1;
		return 0;
	}
	request->status = other->status;
	request->active = other->started;
	if (request->what == RF_SAVED_NOWHERE)
		request->peer = MPI_PROC_NULL;
	return 0;
}

static void save_generalized(void *arg, MPI_Request real)
{
	const struct rf_state_engine *engine = rf_mpi.calls->state;
	struct rf_thread *thread = rf_gate_thread();
	struct others *others = arg;
	int index, complete;

	rf_gate_enter(thread);
	index = engine->request_index(real);
	complete = engine->complete(real);
	rf_gate_leave(thread);
	struct rf_request *request = add(others->state, real, RF_SAVED_GENERALIZED, index);

	if (request)
		request->active = !complete;
	else
		others->no_memory = 1;
}

/* Receives of one communicator in the order of posting; a merge sort of the list. */
static int before(const struct rf_request *a, const struct rf_request *b)
{
	return a->comm != b->comm ? (uintptr_t)a->comm < (uintptr_t)b->comm : a->order < b->order;
}

static struct rf_request *sorted(struct rf_request *first, size_t n)
{
	struct rf_request *second = first, *result = NULL, **last = &result, *end;
	size_t half = n / 2;

	if (n < 2)
		return first;
	for (size_t i = 0; i + 1 < half; i++)
		second = second->next;
	end = second;
	second = second->next;
	end->next = NULL;
	first = sorted(first, half);
	second = sorted(second, n - half);
	while (first && second) {
		struct rf_request **least = before(second, first) ? &second : &first;

		*last = *least;
		last = &(*last)->next;
		*least = *last;
	}
	*last = first ? first : second;
	return result;
}

int rf_state_save_requests(struct rf_state *state, struct rf_error *err)
{
	const struct rf_state_engine *engine = rf_mpi.calls->state;
	struct rf_thread *thread = rf_gate_thread();
	struct others others = {.state = state};
	struct list list = {.first = NULL};
	struct rf_request *request;
	int ret = list_all(&list, err);
	size_t n = 0;

	state->last_request = &state->request;
	if (!ret && rf_gate_trylock())
		ret = rf_error_set(err, EAGAIN, "a thread is being attached to the engine");
	if (!ret) {
		rf_gate_each_locked(leave_out_blocked, &list);
		rf_gate_unlock();
	}
	for (struct listed *listed = list.first; listed && !ret; listed = listed->next)
		ret = save_listed(state, listed, err);
	rf_arena_drop(&list.arena);
	if (ret)
		return ret;
	rf_gate_enter(thread);
	engine->requests(save_other, &others);
	rf_gate_leave(thread);
	rf_grequest_each(save_generalized, &others);
	if (others.no_memory)
		return rf_state_no_memory(err);
	if (others.pending)
		return rf_error_set(err, 0, "%d non-blocking collectives are under way",
				    others.pending);
	for (request = state->request; request; request = request->next)
		n++;
	state->request = sorted(state->request, n);
	return 0;
}

static int make_persistent(struct rf_request *request)
{
	MPI_Datatype type = request->type->made;
	MPI_Comm comm = request->comm->made;
	int count = (int)request->count, peer = request->peer, tag = request->tag, rc;
	MPI_Request *made = &request->made;
	void *buffer = request->buffer;

	if (request->receive)
		RF_CALL(rc, MPI_Recv_init(buffer, count, type, peer, tag, comm, made));
	else if (request->mode == 'b')
		RF_CALL(rc, MPI_Bsend_init(buffer, count, type, peer, tag, comm, made));
	else if (request->mode == 'y')
		RF_CALL(rc, MPI_Ssend_init(buffer, count, type, peer, tag, comm, made));
	else if (request->mode == 'r')
		RF_CALL(rc, MPI_Rsend_init(buffer, count, type, peer, tag, comm, made));
	else
		RF_CALL(rc, MPI_Send_init(buffer, count, type, peer, tag, comm, made));
	if (rc != MPI_SUCCESS || !request->active)
		return rc;
	if (request->active > 0) {
		RF_CALL(rc, MPI_Start(made));
		return rc;
	}
	struct rf_thread *thread = rf_gate_thread();

	rf_gate_enter(thread);
	rf_mpi.calls->state->restarted(*made, &request->status);
	rf_gate_leave(thread);
	return rc;
}

/* What is said of it but MPI_PROC_NULL makes no difference. */
static int make_nowhere(struct rf_request *request)
{
	MPI_Datatype type = rf_mpi.object[RF_OBJECT_ompi_mpi_byte];
	MPI_Comm comm = rf_mpi.object[RF_OBJECT_ompi_mpi_comm_self];
	int rc;

	RF_CALL(rc, MPI_Send_init(NULL, 0, type, MPI_PROC_NULL, 0, comm, &request->made));
	if (rc == MPI_SUCCESS && request->active)
		RF_CALL(rc, MPI_Start(&request->made));
	return rc;
}

static int make(struct rf_request *request)
{
	struct rf_thread *thread;
	int rc;

	switch (request->what) {
	case RF_SAVED_PERSISTENT:
		return make_persistent(request);
	case RF_SAVED_RECEIVE:
		RF_CALL(rc, MPI_Irecv(request->buffer, (int)request->count, request->type->made,
				      request->peer, request->tag, request->comm->made,
				      &request->made));
		return rc;
	case RF_SAVED_GENERALIZED:
		return rf_grequest_again(request->old, !request->active, &request->made);
	case RF_SAVED_NOWHERE:
		return make_nowhere(request);
	case RF_SAVED_COMPLETE:
		break;
	}
	thread = rf_gate_thread();
	rf_gate_enter(thread);
	rc = rf_mpi.calls->state->completed(&request->status, &request->made);
	rf_gate_leave(thread);
	return rc;
}

/* The number is the request's as long as it lives; in a new engine it is free. */
static int number(struct rf_request *request)
{
	struct rf_thread *thread = rf_gate_thread();
	int ret;

	if (request->index < 0)
		return 0;
	rf_gate_enter(thread);
	ret = rf_mpi.calls->state->request_number(request->made, request->index);
	rf_gate_leave(thread);
	return ret;
}

int rf_state_make_requests(struct rf_state *state, struct rf_error *err)
{
	for (struct rf_request *request = state->request; request; request = request->next) {
		MPI_Request freed;
		int rc = make(request);

		if (rc == MPI_SUCCESS && number(request))
			return rf_state_no_memory(err);
		freed = request->made;
		if (rc == MPI_SUCCESS && request->freed)
			RF_CALL(rc, MPI_Request_free(&freed));
		if (rc != MPI_SUCCESS)
			return rf_state_failed(err, rc, "making a request again");
	}
	return 0;
}
