/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A communicator's own error handler is called with the communicator and the code; it is inherited
 * by duplicates and can be exchanged.
 *
 * corpus: ranks=1,2
 */
#include "corpus.h"

static int calls, last_code;
static MPI_Comm last_comm;

static void note(MPI_Comm *comm, int *code, ...)
{
	calls++;
	last_comm = *comm;
	last_code = *code;
}

int main(int argc, char **argv)
{
	MPI_Errhandler handler, got;
	MPI_Comm comm, dup;
	int value = 0, class;

	corpus_init(&argc, &argv);
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Comm_create_errhandler(note, &handler);
		MPI_Comm_dup(MPI_COMM_WORLD, &comm);
		MPI_Comm_set_errhandler(comm, handler);
		MPI_Errhandler_free(&handler); /* lives on in the communicator */
		CHECK(handler == MPI_ERRHANDLER_NULL);
		MPI_Comm_dup(comm, &dup);
		calls = 0;
		int code = MPI_Send(&value, 1, MPI_INT, 4711, 0, comm);
		CHECK_INT(calls, 1);
		CHECK(last_comm == comm);
		CHECK_INT(last_code, code);
		MPI_Error_class(code, &class);
		CHECK_INT(class, MPI_ERR_RANK);
		MPI_Comm_call_errhandler(dup, MPI_ERR_OTHER);
		CHECK_INT(calls, 2);
		CHECK(last_comm == dup);
		CHECK_INT(last_code, MPI_ERR_OTHER);
		MPI_Comm_get_errhandler(dup, &got);
		CHECK(got != MPI_ERRHANDLER_NULL && got != MPI_ERRORS_RETURN);
		MPI_Errhandler_free(&got);
		MPI_Comm_set_errhandler(dup, MPI_ERRORS_RETURN);
		MPI_Comm_get_errhandler(dup, &got);
		CHECK(got == MPI_ERRORS_RETURN);
		MPI_Errhandler_free(&got);
		MPI_Send(&value, 1, MPI_INT, 4711, 0, dup);
		CHECK_INT(calls, 2);
		corpus_add_int(calls * 100 + class);
		MPI_Comm_free(&comm);
		MPI_Comm_free(&dup);
	}
	return corpus_finish();
}
