/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A handler that leaves by longjmp, one that calls MPI, one that changes the code, and the name of
 * the function that a handler of Open MPI is told.
 *
 * corpus: ranks=1,2
 */
#include "corpus.h"
#include <setjmp.h>
#include <stdarg.h>

static jmp_buf home;
static volatile int jumped;
static int calls;

static void jump(MPI_Comm *comm, int *code, ...)
{
	(void)comm, (void)code;
	longjmp(home, 42);
}

static __attribute__((noinline)) void fall_into(MPI_Comm comm)
{
	int value = 3;

	if (setjmp(home) == 0) {
		MPI_Send(&value, 1, MPI_INT, 4711, 0, comm);
		CHECK(!"reached");
	}
	jumped++;
}

static void use_mpi(MPI_Comm *comm, int *code, ...)
{
	int sum = 0, length;
	char text[MPI_MAX_ERROR_STRING];
	const char *function;
	va_list more;

	va_start(more, code);
	function = va_arg(more, const char *);
	va_end(more);
	CHECK_STR(function, "MPI_Bcast");
	MPI_Error_string(*code, text, &length);
	CHECK(strstr(text, "MPI_ERR_ROOT") != NULL);
	MPI_Allreduce(&corpus_rank, &sum, 1, MPI_INT, MPI_SUM, *comm);
	CHECK_INT(sum, corpus_size * (corpus_size - 1) / 2);
	if (calls++ == 0)
		MPI_Bcast(&sum, 1, MPI_INT, -77, *comm); /* an error within: calls it again */
}

static void forgive(MPI_Comm *comm, int *code, ...)
{
	(void)comm;
	calls++;
	*code = MPI_SUCCESS;
}

int main(int argc, char **argv)
{
	MPI_Errhandler handler;
	int value = 3;
	MPI_Comm comm;

	corpus_init(&argc, &argv);
	MPI_Comm_dup(MPI_COMM_WORLD, &comm);
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Comm_create_errhandler(jump, &handler);
		MPI_Comm_set_errhandler(comm, handler);
		MPI_Errhandler_free(&handler);
		jumped = 0;
		for (int i = 0; i < 20; i++)
			fall_into(comm);
		CHECK_INT(jumped, 20);
		MPI_Comm_create_errhandler(use_mpi, &handler);
		MPI_Comm_set_errhandler(comm, handler);
		MPI_Errhandler_free(&handler);
		calls = 0;
		CHECK_INT(MPI_Bcast(&value, 1, MPI_INT, -55, comm), MPI_ERR_ROOT);
		CHECK_INT(calls, 2);
		MPI_Comm_create_errhandler(forgive, &handler);
		MPI_Comm_set_errhandler(comm, handler);
		MPI_Errhandler_free(&handler);
		calls = 0;
		corpus_add_int(MPI_Bcast(&value, 1, MPI_INT, -55, comm));
		corpus_add_int(MPI_Send(&value, 1, MPI_INT, 4711, 0, comm));
		corpus_add_int(MPI_Comm_set_attr(comm, 1234, NULL));
		CHECK_INT(calls, 3);
	}
	MPI_Comm_free(&comm);
	return corpus_finish();
}
