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

/* 0, or -1: no memory. */
static int remember(struct made made)
{
	struct made *kept = malloc(sizeof *kept);

	if (!kept)
		return -1;
	*kept = made;
	*last = kept;
	last = &kept->next;
	return 0;
}

/*
 * The lock is held over the engine's call, so that the list has the engine's order; only inside,
 * where the rank is not stopped: else it would be held while another engine is given the list.
 */
static void enter(void)
{
	RF_BEGIN(RF_IN_OTHER);
	pthread_mutex_lock(&lock);
}

static int leave(int code, int failed, const char *function)
{
	pthread_mutex_unlock(&lock);
	RF_END();
	if (failed)
		return rf_error_raise(RF_COMM, NULL, MPI_ERR_INTERN, function);
	return code == MPI_SUCCESS ? code : rf_error_deliver(code);
}

int rf_MPI_Add_error_class(int *errorclass)
{
	int code, failed = 0;

	enter();
	RF_ENGINE(code, MPI_Add_error_class(errorclass));
	if (code == MPI_SUCCESS)
		failed = remember((struct made){.what = CLASS, .number = *errorclass});
	return leave(code, failed, "MPI_Add_error_class");
}

int rf_MPI_Add_error_code(int errorclass, int *errorcode)
{
	int code, failed = 0;

	enter();
	RF_ENGINE(code, MPI_Add_error_code(errorclass, errorcode));
	if (code == MPI_SUCCESS)
		failed = remember((struct made){
			.what = CODE, .number = *errorcode, .errorclass = errorclass});
	return leave(code, failed, "MPI_Add_error_code");
}

int rf_MPI_Add_error_string(int errorcode, const char *string)
{
	struct made made = {.what = STRING, .number = errorcode};
	int code, failed = 0;

	enter();
	RF_ENGINE(code, MPI_Add_error_string(errorcode, string));
	if (code == MPI_SUCCESS) {
		made.string = strdup(string);
		failed = !made.string || remember(made);
	}
	return leave(code, failed, "MPI_Add_error_string");
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
