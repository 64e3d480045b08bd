/* SPDX-License-Identifier: BSD-3-Clause */
#include "mpi/state.h"

#include <errno.h>
#include <string.h>

#include "engine/window.h"
#include "mpi/alias.h"
#include "mpi/buffer.h"
#include "mpi/engine_table.h"
#include "mpi/errhandler_user.h"
#include "mpi/error_code.h"
#include "mpi/grequest.h"
#include "mpi/names.h"
#include "mpi/op.h"
#include "mpi/state_record.h"
#include "mpi/variables.h"

static struct rf_state state;
static int saved;

int rf_state_no_memory(struct rf_error *err)
{
	return rf_error_set(err, 0, "out of memory for the MPI state of this rank");
}

int rf_state_failed(struct rf_error *err, int code, const char *function)
{
	return rf_error_set(err, 0, "%s failed (MPI error %d)", function, code);
}

static int predefined(const void *real)
{
	for (int i = 0; i < RF_OBJECTS; i++)
		if (rf_mpi.object[i] == real)
			return i;
	return -1;
}

struct rf_saved *rf_state_record(struct rf_state *s, enum rf_kind kind, void *old, size_t size,
				 struct rf_error *err)
{
	struct rf_saved *object = rf_arena_take(&s->arena, size);

	if (!object || rf_map_set(&s->objects, &s->arena, old, object)) {
		rf_state_no_memory(err);
		return NULL;
	}
	object->kind = kind;
	object->old = old;
	object->handle = rf_handle_find(old);
	object->predefined = -1;
	if (!object->handle || !object->handle->uses)
		object->predefined = predefined(old);
	*s->last = object;
	s->last = &object->next;
	return object;
}

struct rf_saved *rf_state_object(struct rf_state *s, enum rf_kind kind, void *old,
				 struct rf_error *err)
{
	struct rf_saved *known = rf_map_get(&s->objects, old);

	if (known)
		return known;
	switch (kind) {
	case RF_COMM:
		return rf_state_save_comm(s, old, err);
	case RF_GROUP:
		return rf_state_save_group(s, old, err);
	case RF_DATATYPE:
		return rf_state_save_type(s, old, err);
	case RF_OP:
		return rf_state_save_op(s, old, err);
	case RF_INFO:
		return rf_state_save_info(s, old, err);
	case RF_ERRHANDLER:
		return rf_state_save_errhandler(s, old, err);
	default: /* windows and files: only the null ones get here, others are obstacles */
		return rf_state_record(s, kind, old, sizeof(struct rf_saved), err);
	}
}

struct search {
	struct rf_error *err;
	int failed;
};

static int live(const struct rf_handle *handle)
{
	struct rf_thread *thread = rf_gate_thread();
	int is;

	rf_gate_enter(thread);
	is = rf_mpi.calls->state->live(handle->real, handle->kind);
	rf_gate_leave(thread);
	return is;
}

static void save_handle(void *arg, struct rf_handle *handle)
{
	struct search *search = arg;

	if (search->failed || !handle->uses)
		return;
	if (live(handle))
		search->failed = !rf_state_object(&state, handle->kind, handle->real, search->err);
	else /* shown to a callback once, and gone: found by no one any more */
		search->failed = !rf_state_record(&state, RF_KINDS, handle->real,
						  sizeof(struct rf_saved), search->err);
}

static void save_throwing(void *arg, MPI_Errhandler real)
{
	struct search *search = arg;

	if (!search->failed)
		search->failed = !rf_state_object(&state, RF_ERRHANDLER, real, search->err);
}

static int save_file_errhandler(struct rf_error *err)
{
	MPI_Errhandler handler = NULL;
	int rc, freed;

	RF_CALL(rc, MPI_File_get_errhandler(rf_mpi.object[RF_OBJECT_ompi_mpi_file_null], &handler));
	if (rc != MPI_SUCCESS)
		return rf_state_failed(err, rc, "MPI_File_get_errhandler");
	state.file_errhandler = rf_state_object(&state, RF_ERRHANDLER, handler, err);
	RF_CALL(freed, MPI_Errhandler_free(&handler));
	(void)freed;
	return state.file_errhandler ? 0 : -1;
}

static int save_world(struct rf_error *err)
{
	MPI_Comm world = rf_mpi.object[RF_OBJECT_ompi_mpi_comm_world];
	int rc;

	state.world.rank = rf_arena_take(&state.arena, sizeof(int));
	if (!state.world.rank)
		return rf_state_no_memory(err);
	RF_CALL(rc, MPI_Query_thread(&state.level));
	if (rc == MPI_SUCCESS)
		RF_CALL(rc, MPI_Comm_size(world, &state.world.n));
	if (rc == MPI_SUCCESS)
		RF_CALL(rc, MPI_Comm_rank(world, state.world.rank));
	return rc == MPI_SUCCESS ? 0 : rf_state_failed(err, rc, "MPI_Comm_rank");
}

/* A heap sort, as qsort() may use malloc(). */
static void sift(struct rf_comm **comm, int at, int n)
{
	for (int child; (child = 2 * at + 1) < n; at = child) {
		struct rf_comm *was = comm[at];

		if (child + 1 < n && comm[child]->id < comm[child + 1]->id)
			child++;
		if (was->id >= comm[child]->id)
			return;
		comm[at] = comm[child];
		comm[child] = was;
	}
}

static int order_comms(struct rf_error *err)
{
	struct rf_saved *object;
	int n = 0;

	for (object = state.first; object; object = object->next)
		n += object->deferred;
	state.comm = rf_arena_take(&state.arena, (size_t)n * sizeof(struct rf_comm *));
	if (!state.comm)
		return rf_state_no_memory(err);
	for (object = state.first; object; object = object->next)
		if (object->deferred)
			state.comm[state.comms++] = (struct rf_comm *)object;
	for (int i = n / 2; i-- > 0;)
		sift(state.comm, i, n);
	for (int i = n; i-- > 1;) {
		struct rf_comm *largest = state.comm[0];

		state.comm[0] = state.comm[i];
		state.comm[i] = largest;
		sift(state.comm, 0, i);
	}
	return 0;
}

static int save(struct rf_error *err)
{
	struct search search = {.err = err};

	state.last = &state.first;
	state.empty = rf_mpi.calls->state->empty;
	state.null = rf_mpi.object[RF_OBJECT_ompi_request_null];
	state.elapsed = rf_MPI_Wtime();
	if (save_world(err))
		return -1;
	for (int i = 0; i < RF_OBJECTS; i++)
		if (rf_object_name[i].kind < RF_KINDS && rf_app_object[i] &&
		    !rf_state_object(&state, rf_object_name[i].kind, rf_mpi.object[i], err))
			return -1;
	rf_handle_each(save_handle, &search);
	rf_errhandler_each_throwing(save_throwing, &search);
	if (search.failed || save_file_errhandler(err) || rf_state_save_requests(&state, err) ||
	    rf_state_save_messages(&state, err))
		return -1;
	return order_comms(err);
}

int rf_state_save(struct rf_error *err)
{
	char text[256];

	if (!rf_engine_current() && saved)
		return 0;
	rf_state_drop();
	if (rf_state_obstacles(text, sizeof(text)))
		return rf_error_set(err, 0, "this rank has %s", text);
	rf_variables_note();
	if (save(err)) {
		rf_state_drop();
		return -1;
	}
	saved = 1;
	return 0;
}

int rf_state_section(const void **bytes, size_t *size, struct rf_error *err)
{
	return rf_state_make_section(&state, bytes, size, err);
}

void rf_state_drop(void)
{
	rf_arena_drop(&state.arena);
	memset(&state, 0, sizeof(state));
	saved = 0;
}

static int make(struct rf_saved *object, struct rf_error *err)
{
	switch (object->kind) {
	case RF_GROUP:
		return rf_state_make_group((struct rf_group *)object, err);
	case RF_DATATYPE:
		return rf_state_make_type((struct rf_type *)object, err);
	case RF_OP:
		return rf_state_make_op((struct rf_op *)object, err);
	case RF_INFO:
		return rf_state_make_info((struct rf_info *)object, err);
	case RF_ERRHANDLER:
		return rf_state_make_errhandler(object, err);
	default:
		return 0;
	}
}

/* The engine's object lives as long as the application's uses of it, and what else needs it. */
static int hold(struct rf_saved *object, struct rf_error *err)
{
	struct rf_thread *thread = rf_gate_thread();
	int rc = MPI_SUCCESS;

	if (object->predefined >= 0 || !object->made)
		return 0;
	if (object->handle) {
		rf_gate_enter(thread);
		rf_mpi.calls->state->retain(object->made, object->handle->uses - 1);
		rf_gate_leave(thread);
	} else if (object->kind == RF_DATATYPE) {
		MPI_Datatype type = object->made;

		RF_CALL(rc, MPI_Type_free(&type));
	} else if (object->kind == RF_ERRHANDLER && !rf_errhandler_is_throwing(object->old)) {
		MPI_Errhandler handler = object->made;

		RF_CALL(rc, MPI_Errhandler_free(&handler));
	}
	return rc == MPI_SUCCESS ? 0 : rf_state_failed(err, rc, "MPI_Type_free");
}

/*
 * What calls have given out of these and the application will free: an engine that does not know of
 * it would take the last use for its own object's end.
 */
static void hold_predefined(void)
{
	static const int object[] = {RF_OBJECT_ompi_mpi_group_empty,
				     RF_OBJECT_ompi_mpi_errors_return,
				     RF_OBJECT_ompi_mpi_errors_are_fatal};
	struct rf_thread *thread = rf_gate_thread();

	for (size_t i = 0; i < sizeof(object) / sizeof(*object); i++) {
		const struct rf_handle *handle = rf_app_object[object[i]];

		rf_gate_enter(thread);
		rf_mpi.calls->state->retain(rf_mpi.object[object[i]], handle->given);
		rf_gate_leave(thread);
	}
}

/* Errors in what follows are to come back. */
static int begin(struct rf_error *err)
{
	MPI_Errhandler back = rf_mpi.object[RF_OBJECT_ompi_mpi_errors_return];
	MPI_Comm world = rf_mpi.object[RF_OBJECT_ompi_mpi_comm_world];
	int rc, size = 0, rank = -1;

	RF_CALL(rc, MPI_Comm_set_errhandler(world, back));
	if (rc == MPI_SUCCESS)
		RF_CALL(rc,
			MPI_Comm_set_errhandler(rf_mpi.object[RF_OBJECT_ompi_mpi_comm_self], back));
	if (rc == MPI_SUCCESS)
		RF_CALL(rc, MPI_Comm_size(world, &size));
	if (rc == MPI_SUCCESS)
		RF_CALL(rc, MPI_Comm_rank(world, &rank));
	if (rc != MPI_SUCCESS)
		return rf_state_failed(err, rc, "MPI_Comm_size");
	if (size != state.world.n || rank != *state.world.rank)
		return rf_error_set(err, 0, "rank %d of %d got an engine for rank %d of %d",
				    *state.world.rank, state.world.n, rank, size);
	return 0;
}

static int make_aliases(struct rf_error *err)
{
	uintptr_t window =
		(uintptr_t)rf_mpi.object[RF_OBJECT_ompi_request_null] & ~(RF_WINDOW_SIZE - 1);
	int failed = 0;

	rf_alias_begin();
	for (struct rf_request *request = state.request; request; request = request->next)
		failed |= rf_alias_add(request->old, request->made);
	for (struct rf_held_message *message = state.message; message; message = message->next)
		failed |= rf_alias_add(message->old, message->made);
	failed |= rf_alias_add(state.empty, rf_mpi.calls->state->empty);
	failed |= rf_alias_add(state.null, rf_mpi.object[RF_OBJECT_ompi_request_null]);
	failed |= rf_alias_carry();
	if (failed)
		return rf_state_no_memory(err);
	if (rf_alias_clash(window, window + RF_WINDOW_SIZE))
		return rf_error_set(err, EAGAIN,
				    "an engine has come to the place of an earlier one whose "
				    "requests are still known; ask again");
	return 0;
}

static int set_others(struct rf_error *err)
{
	int rc = rf_buffer_again();

	if (rc != MPI_SUCCESS)
		return rf_state_failed(err, rc, "MPI_Buffer_attach");
	RF_CALL(rc, MPI_File_set_errhandler(rf_mpi.object[RF_OBJECT_ompi_mpi_file_null],
					    state.file_errhandler->made));
	if (rc != MPI_SUCCESS)
		return rf_state_failed(err, rc, "MPI_File_set_errhandler");
	return rf_error_codes_rebuild(err);
}

int rf_state_rebuild(struct rf_error *err)
{
	struct rf_saved *object;

	if (!saved)
		return rf_error_set(err, 0, "no MPI state was recorded");
	if (begin(err))
		return -1;
	for (object = state.first; object; object = object->next)
		if (object->predefined >= 0)
			object->made = rf_mpi.object[object->predefined];
	for (object = state.first; object; object = object->next)
		if (make(object, err))
			return -1;
	if (rf_state_make_comms(&state, err) || rf_state_make_requests(&state, err) ||
	    rf_state_make_messages(&state, err) || set_others(err) ||
	    rf_state_dress_comms(&state, err))
		return -1;
	for (object = state.first; object; object = object->next)
		if (hold(object, err))
			return -1;
	hold_predefined();
	return make_aliases(err);
}

/* Everything that leads to an object of the engine. */
static void point(void *from, void *to, struct rf_saved *object)
{
	if (object->handle)
		object->handle->real = to;
	if (object->kind == RF_OP && object->predefined < 0)
		rf_op_moved(from, to);
	if (object->kind == RF_ERRHANDLER && object->predefined < 0)
		rf_errhandler_moved(from, to);
}

void rf_state_adopt(void)
{
	for (struct rf_saved *object = state.first; object; object = object->next)
		point(object->old, object->made, object);
	for (struct rf_request *request = state.request; request; request = request->next)
		if (request->what == RF_SAVED_GENERALIZED)
			rf_grequest_moved(request->old, request->made);
	rf_alias_adopt();
	rf_handle_rehash();
}

void rf_state_revert(void)
{
	for (struct rf_saved *object = state.first; object; object = object->next)
		point(object->made, object->old, object);
	for (struct rf_request *request = state.request; request; request = request->next)
		if (request->what == RF_SAVED_GENERALIZED)
			rf_grequest_moved(request->made, request->old);
	rf_alias_undo();
	rf_handle_rehash();
}

void rf_state_forsake(const struct rf_mpi_table *old)
{
	for (struct rf_request *request = state.request; request; request = request->next)
		if (request->receive && request->active > 0)
			old->calls->state->forsake(request->old);
}

int rf_state_level(void)
{
	return state.level;
}

double rf_state_elapsed(void)
{
	return state.elapsed;
}
