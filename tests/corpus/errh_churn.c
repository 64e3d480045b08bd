/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Thousands of error handlers and operations, made and freed, some while they are in use: each
 * object keeps its own function.
 *
 * corpus: ranks=1,2
 */
#include "corpus.h"

static int which;

#define HANDLER(n)                                                                                 \
	static void on_error_##n(MPI_Comm *comm, int *code, ...)                                   \
	{                                                                                          \
		(void)comm, (void)code;                                                            \
		which = n;                                                                         \
	}
#define OPERATION(n)                                                                               \
	static void add_##n(void *in, void *inout, int *count, MPI_Datatype *type)                 \
	{                                                                                          \
		(void)type;                                                                        \
		for (int i = 0; i < *count; i++)                                                   \
			((int *)inout)[i] += ((int *)in)[i] + n;                                   \
	}
#define BOTH(n) HANDLER(n) OPERATION(n)
BOTH(0)
BOTH(1)
BOTH(2)
BOTH(3)
BOTH(4)

int main(int argc, char **argv)
{
	MPI_Comm_errhandler_function *handlers[] = {on_error_0, on_error_1, on_error_2, on_error_3,
						    on_error_4};
	MPI_User_function *operations[] = {add_0, add_1, add_2, add_3, add_4};
	uint64_t state = 7;
	int function[8];
	MPI_Comm comms[8];
	MPI_Op ops[8];

	corpus_init(&argc, &argv);
	for (int i = 0; i < 8; i++) {
		MPI_Comm_dup(MPI_COMM_SELF, &comms[i]);
		MPI_Op_create(operations[0], 1, &ops[i]);
		function[i] = 0;
		MPI_Errhandler handler;

		MPI_Comm_create_errhandler(handlers[0], &handler);
		MPI_Comm_set_errhandler(comms[i], handler);
		MPI_Errhandler_free(&handler);
	}
	for (long round = 0; round < corpus_rounds * 700; round++) {
		int i = (int)(corpus_random(&state) % 8), f = (int)(corpus_random(&state) % 5);
		int in = 5, inout = 6, code;
		MPI_Errhandler handler;

		MPI_Comm_create_errhandler(handlers[f], &handler);
		MPI_Comm_set_errhandler(comms[i], handler);
		MPI_Errhandler_free(&handler);
		MPI_Op_free(&ops[i]);
		CHECK(ops[i] == MPI_OP_NULL);
		MPI_Op_create(operations[f], 1, &ops[i]);
		function[i] = f;
		i = (int)(corpus_random(&state) % 8);
		which = -1;
		MPI_Comm_call_errhandler(comms[i], MPI_ERR_OTHER);
		CHECK_INT(which, function[i]);
		code = MPI_Reduce_local(&in, &inout, 1, MPI_INT, ops[i]);
		CHECK_INT(code, MPI_SUCCESS);
		CHECK_INT(inout, 11 + function[i]);
		corpus_add_int(which);
	}
	for (int i = 0; i < 8; i++) {
		MPI_Comm_free(&comms[i]);
		MPI_Op_free(&ops[i]);
	}
	return corpus_finish();
}
