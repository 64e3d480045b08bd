/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The engine calls an operation with nothing that would tell which operation it is, except for one
 * that was made by the C++ bindings: ompi_op_set_cxx_callback() (ompi/op/op.h) lets it pass one
 * pointer on. That pointer is the record of the user's function here.
 *
 * A non-blocking reduction may go on after MPI_Op_free(), and nobody says when the engine has ended
 * the operation. A record is therefore kept until the engine gives its handle's address to a new
 * one.
 */
#include <pthread.h>
#include <stdlib.h>

#include "mpi/callback.h"
#include "mpi/convert.h"
#include "mpi/engine_table.h"
#include "mpi/op.h"
#include "mpi/shim.h"

struct record {
	struct record *next;
	void *real; /* the engine's operation */
	struct rf_user_op user;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct record *records;

/* What the engine calls, and inside it. */
static void intercept(void *in, void *inout, int *count, MPI_Datatype *type, struct record *record)
{
	struct rf_callback callback;

	rf_callback_begin(&callback, "a thread of the engine called an MPI operation of the user");
	MPI_Datatype shown = rf_handle_show(RF_DATATYPE, *type);
	const struct rf_user_op *user = &record->user;
	MPI_Fint index, length = *count;

	switch (user->language) {
	case RF_OP_C:
		((rf_op_c *)user->function)(in, inout, count, &shown);
		break;
	case RF_OP_FORTRAN:
		index = rf_convert_index(RF_DATATYPE, (struct rf_handle *)shown);
		((rf_op_fortran *)user->function)(in, inout, &length, &index);
		break;
	case RF_OP_CXX:
		user->dispatch(in, inout, count, &shown, user->function);
	}
	rf_gate_callback_end(&callback);
}

static void remember(struct record *record)
{
	pthread_mutex_lock(&lock);
	for (struct record **link = &records; *link; link = &(*link)->next) {
		struct record *dead = *link;

		if (dead->real != record->real)
			continue;
		*link = dead->next;
		free(dead);
		break;
	}
	record->next = records;
	records = record;
	pthread_mutex_unlock(&lock);
}

static struct record *find(MPI_Op real)
{
	for (struct record *record = records; record; record = record->next)
		if (record->real == real)
			return record;
	return NULL;
}

int rf_op_again(MPI_Op old, int commute, MPI_Op *made)
{
	struct record *record = find(old);
	int code;

	if (!record)
		return MPI_ERR_OP;
	struct rf_thread *thread = rf_gate_thread();

	rf_gate_enter(thread);
	code = rf_mpi.MPI_Op_create((MPI_User_function *)(void (*)(void))intercept, commute, made);
	if (code == MPI_SUCCESS)
		rf_mpi.calls->op_passes(*made, record);
	rf_gate_leave(thread);
	return code;
}

void rf_op_moved(MPI_Op from, MPI_Op to)
{
	struct record *record = find(from);

	if (record)
		record->real = to;
}

int rf_op_create(const struct rf_user_op *user, int commute, MPI_Op *op)
{
	struct record *record = calloc(1, sizeof *record);
	MPI_Op real = NULL;
	int code;

	if (!record)
		return rf_error_raise(RF_COMM, NULL, MPI_ERR_INTERN, "MPI_Op_create");
	record->user = *user;
	RF_BEGIN(RF_IN_OTHER);
	/* without a function or a place for the result, the engine says so in its own words */
	RF_ENGINE(code,
		  MPI_Op_create(user->function ? (MPI_User_function *)(void (*)(void))intercept
					       : NULL,
				commute, op ? &real : NULL));
	if (code == MPI_SUCCESS) {
		rf_gate_cross();
		rf_mpi.calls->op_passes(real, record);
		rf_gate_cross_back();
		record->real = real;
		remember(record);
		*op = rf_handle_out(RF_OP, real);
	}
	RF_END();
	if (code == MPI_SUCCESS)
		return code;
	free(record);
	return rf_error_deliver(code);
}

void rf_op_set_cxx(MPI_Op op, void (*function)(void))
{
	pthread_mutex_lock(&lock);
	for (struct record *record = records; record; record = record->next)
		if (record->real == rf_real(op)) {
			record->user.language = RF_OP_CXX;
			record->user.dispatch = (rf_op_cxx *)record->user.function;
			record->user.function = function;
			break;
		}
	pthread_mutex_unlock(&lock);
}

int rf_MPI_Op_create(MPI_User_function *function, int commute, MPI_Op *op)
{
	struct rf_user_op user = {.language = RF_OP_C, .function = (void (*)(void))function};

	return rf_op_create(&user, commute, op);
}
