/* SPDX-License-Identifier: BSD-3-Clause */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "mpi/callback.h"
#include "mpi/grequest.h"
#include "mpi/shim.h"

#define STATUS_INTEGERS (sizeof(MPI_Status) / sizeof(MPI_Fint))

static const char caller[] = "a thread of the engine called a generalized request of the user";

struct record {			     /* the extra state of the engine's request */
	struct record *next, **link; /* all that live */
	MPI_Request real;
	struct rf_user_grequest user;
	int code; /* of the last query: what the request keeps when there is no free function */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct record *records;

/* query, release and cancel are called by the engine, and inside it. */
static int query(void *state, MPI_Status *status)
{
	struct record *record = state;
	struct rf_user_grequest *user = &record->user;

	if (!user->query)
		return MPI_SUCCESS;
	struct rf_callback callback;

	rf_callback_begin(&callback, caller);

	if (user->fortran) {
		MPI_Fint fstatus[STATUS_INTEGERS], error = MPI_SUCCESS;

		memcpy(fstatus, status, sizeof fstatus);
		((rf_greq_query_fortran *)user->query)(user->state, fstatus, &error);
		memcpy(status, fstatus, sizeof fstatus);
		record->code = error;
	} else {
		record->code = ((MPI_Grequest_query_function *)user->query)(user->state, status);
	}
	rf_gate_callback_end(&callback);
	return record->code;
}

static int release(void *state)
{
	struct record *record = state;
	struct rf_user_grequest *user = &record->user;
	struct rf_callback callback;

	rf_callback_begin(&callback, caller);
	int code = record->code;

	if (user->release && user->fortran) {
		MPI_Fint error = MPI_SUCCESS;

		((rf_greq_free_fortran *)user->release)(user->state, &error);
		code = error;
	} else if (user->release) {
		code = ((MPI_Grequest_free_function *)user->release)(user->state);
	}
	pthread_mutex_lock(&lock);
	*record->link = record->next;
	if (record->next)
		record->next->link = record->link;
	pthread_mutex_unlock(&lock);
	free(record);
	rf_gate_callback_end(&callback);
	return code;
}

static int cancel(void *state, int complete)
{
	struct record *record = state;
	struct rf_user_grequest *user = &record->user;

	if (!user->cancel)
		return MPI_SUCCESS;
	struct rf_callback callback;

	rf_callback_begin(&callback, caller);
	int code;

	if (user->fortran) {
		MPI_Fint fcomplete = complete, error = MPI_SUCCESS;

		((rf_greq_cancel_fortran *)user->cancel)(user->state, &fcomplete, &error);
		code = error;
	} else {
		code = ((MPI_Grequest_cancel_function *)user->cancel)(user->state, complete);
	}
	rf_gate_callback_end(&callback);
	return code;
}

int rf_grequest_start(const struct rf_user_grequest *user, MPI_Request *request)
{
	struct record *record = calloc(1, sizeof *record);
	int code;

	if (!record)
		return rf_error_raise(RF_COMM, NULL, MPI_ERR_INTERN, "MPI_Grequest_start");
	record->user = *user;
	RF_CALL(code, MPI_Grequest_start(query, release, cancel, record, request));
	if (code != MPI_SUCCESS) {
		free(record);
		return rf_error_deliver(code);
	}
	record->real = *request;
	pthread_mutex_lock(&lock);
	record->next = records;
	record->link = &records;
	if (records)
		records->link = &record->next;
	records = record;
	pthread_mutex_unlock(&lock);
	return code;
}

void rf_grequest_each(void (*each)(void *arg, MPI_Request real), void *arg)
{
	for (struct record *record = records; record; record = record->next)
		each(arg, record->real);
}

static struct record *find(MPI_Request real)
{
	struct record *record = records;

	while (record && record->real != real)
		record = record->next;
	return record;
}

int rf_grequest_again(MPI_Request old, int complete, MPI_Request *made)
{
	struct record *record = find(old);
	int code;

	if (!record)
		return MPI_ERR_REQUEST;
	RF_CALL(code, MPI_Grequest_start(query, release, cancel, record, made));
	if (code == MPI_SUCCESS && complete)
		RF_CALL(code, MPI_Grequest_complete(*made));
	return code;
}

void rf_grequest_moved(MPI_Request from, MPI_Request to)
{
	struct record *record = find(from);

	if (record)
		record->real = to;
}

int rf_MPI_Grequest_start(MPI_Grequest_query_function *query_fn,
			  MPI_Grequest_free_function *free_fn,
			  MPI_Grequest_cancel_function *cancel_fn, void *state,
			  MPI_Request *request)
{
	struct rf_user_grequest user = {.query = (void (*)(void))query_fn,
					.release = (void (*)(void))free_fn,
					.cancel = (void (*)(void))cancel_fn,
					.state = state};

	return rf_grequest_start(&user, request);
}
