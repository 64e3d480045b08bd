/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Hundreds of user operations alive at once, and thousands made and freed: each calls its own
 * function.
 *
 * corpus: ranks=2
 */
#include "corpus.h"

enum { ALIVE = 400, CHURN = 3000 };

#define FUNCTION(k)                                                                                \
	static void f##k(void *in, void *inout, int *n, MPI_Datatype *type)                        \
	{                                                                                          \
		(void)type;                                                                        \
		for (int i = 0; i < *n; i++)                                                       \
			((int *)inout)[i] = ((int *)in)[i] + ((int *)inout)[i] + k;                \
	}
FUNCTION(0)
FUNCTION(1)
FUNCTION(2)
FUNCTION(3)
FUNCTION(4)
FUNCTION(5)
FUNCTION(6)

int main(int argc, char **argv)
{
	MPI_User_function *functions[7] = {f0, f1, f2, f3, f4, f5, f6};
	static MPI_Op ops[ALIVE];
	MPI_Op op;
	int mine, got;

	corpus_init(&argc, &argv);
	for (long round = 0; round < corpus_rounds; round++) {
		for (int i = 0; i < ALIVE; i++)
			MPI_Op_create(functions[i % 7], 1, &ops[i]);
		for (int i = 0; i < ALIVE; i++) {
			int which = i * 37 % ALIVE;

			mine = corpus_value(corpus_rank, round, i);
			MPI_Allreduce(&mine, &got, 1, MPI_INT, ops[which], MPI_COMM_WORLD);
			CHECK_INT(got, corpus_value(0, round, i) + corpus_value(1, round, i) +
					       which % 7);
			corpus_add_int(got);
		}
		for (int i = 0; i < ALIVE; i++)
			MPI_Op_free(&ops[i]);
		for (int i = 0; i < CHURN; i++) {
			MPI_Op_create(functions[i % 7], i % 2, &op);
			if (i % 500 == 3) {
				mine = i;
				MPI_Reduce_local(&mine, &mine, 0, MPI_INT, op);
				got = 1;
				MPI_Reduce_local(&mine, &got, 1, MPI_INT, op);
				CHECK_INT(got, 1 + i + i % 7);
			}
			MPI_Op_free(&op);
		}
	}
	return corpus_finish();
}
