/* SPDX-License-Identifier: BSD-3-Clause */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "mpi/error_code.h"
#include "mpi/shim.h"

struct made {
	struct made *next;
	enum { CLASS, CODE, STRING } what;
	int number;	/* that was given out, or that the string belongs to */
	int errorclass; /* of a code */
	char *string;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct made *first, **last = &first;

static int remember(struct made made, const char *function)
{
	struct made *kept = malloc(sizeof *kept);

	if (kept) {
		*kept = made;
		*last = kept;
		last = &kept->next;
	}
	pthread_mutex_unlock(&lock);
	return kept ? MPI_SUCCESS : rf_error_raise(RF_COMM, NULL, MPI_ERR_INTERN, function);
}

/* The lock is held over the engine's call, so that the list has the engine's order. */
static int refused(int code)
{
	pthread_mutex_unlock(&lock);
	return rf_error_deliver(code);
}

int rf_MPI_Add_error_class(int *errorclass)
{
	int code;

	pthread_mutex_lock(&lock);
	RF_CALL(code, MPI_Add_error_class(errorclass));
	if (code != MPI_SUCCESS)
		return refused(code);
	return remember((struct made){.what = CLASS, .number = *errorclass}, "MPI_Add_error_class");
}

int rf_MPI_Add_error_code(int errorclass, int *errorcode)
{
	int code;

	pthread_mutex_lock(&lock);
	RF_CALL(code, MPI_Add_error_code(errorclass, errorcode));
	if (code != MPI_SUCCESS)
		return refused(code);
	return remember((struct made){.what = CODE, .number = *errorcode, .errorclass = errorclass},
			"MPI_Add_error_code");
}

int rf_MPI_Add_error_string(int errorcode, const char *string)
{
	int code;

	pthread_mutex_lock(&lock);
	RF_CALL(code, MPI_Add_error_string(errorcode, string));
	if (code != MPI_SUCCESS)
		return refused(code);
	struct made made = {.what = STRING, .number = errorcode, .string = strdup(string)};

	if (made.string)
		return remember(made, "MPI_Add_error_string");
	pthread_mutex_unlock(&lock);
	return rf_error_raise(RF_COMM, NULL, MPI_ERR_INTERN, "MPI_Add_error_string");
}

int rf_error_codes_rebuild(struct rf_error *err)
{
	int failed = 0;

	pthread_mutex_lock(&lock);
	for (struct made *made = first; made && !failed; made = made->next) {
		int number = made->number, code = MPI_SUCCESS;

		if (made->what == CLASS)
			RF_CALL(code, MPI_Add_error_class(&number));
		else if (made->what == CODE)
			RF_CALL(code, MPI_Add_error_code(made->errorclass, &number));
		else
			RF_CALL(code, MPI_Add_error_string(number, made->string));
		failed = code != MPI_SUCCESS || number != made->number;
		if (failed)
			rf_error_set(err, 0,
				     "error code %d of the program became %d in a new engine",
				     made->number, number);
	}
	pthread_mutex_unlock(&lock);
	return failed ? -1 : 0;
}
