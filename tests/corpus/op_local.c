/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Reduce_local with predefined and user operations; MPI_Op_commutative; operations as Fortran
 * integers.
 *
 * corpus: ranks=1,2
 */
#include "corpus.h"

enum { N = 20 };

static int calls;

static void minus(void *in, void *inout, int *n, MPI_Datatype *type)
{
	int *a = in, *b = inout;

	CHECK(*type == MPI_INT);
	calls++;
	for (int i = 0; i < *n; i++)
		b[i] = a[i] - b[i];
}

int main(int argc, char **argv)
{
	int a[N], b[N], commutes;
	MPI_Op op;

	corpus_init(&argc, &argv);
	MPI_Op_commutative(MPI_SUM, &commutes);
	CHECK_INT(commutes, 1);
	CHECK(MPI_Op_f2c(MPI_Op_c2f(MPI_MAX)) == MPI_MAX);
	CHECK(MPI_Op_f2c(MPI_Op_c2f(MPI_OP_NULL)) == MPI_OP_NULL);
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Op_create(minus, 0, &op);
		MPI_Op_commutative(op, &commutes);
		CHECK_INT(commutes, 0);
		CHECK(MPI_Op_f2c(MPI_Op_c2f(op)) == op);
		corpus_fill(a, N, corpus_rank, round);
		corpus_fill(b, N, corpus_rank, round + 1);
		MPI_Reduce_local(a, b, N, MPI_INT, MPI_MAX);
		for (int i = 0; i < N; i++)
			CHECK(b[i] >= a[i]);
		corpus_fill(b, N, corpus_rank, round + 1);
		calls = 0;
		MPI_Reduce_local(a, b, N, MPI_INT, op);
		CHECK(calls >= 1);
		for (int i = 0; i < N; i++)
			CHECK_INT(b[i], corpus_value(corpus_rank, round, i) -
						corpus_value(corpus_rank, round + 1, i));
		corpus_add(b, sizeof(b));
		MPI_Op_free(&op);
		CHECK(op == MPI_OP_NULL);
	}
	return corpus_finish();
}
