/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Types, operations and communicators are freed while requests that use them are pending; the
 * requests complete as if nothing had happened.
 *
 * corpus: ranks=2,4
 */
#include "corpus.h"

enum { N = 5000 };

static void sum(void *in, void *inout, int *n, MPI_Datatype *type)
{
	int *a = in, *b = inout;

	(void)type;
	for (int i = 0; i < *n; i++)
		b[i] += a[i];
}

int main(int argc, char **argv)
{
	static int out[2 * N], in[2 * N], total[N], mine[N];

	corpus_init(&argc, &argv);
	int peer = corpus_rank ^ 1;

	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Request requests[3];
		MPI_Datatype strided;
		MPI_Comm comm;
		MPI_Op op;

		MPI_Type_vector(N, 1, 2, MPI_INT, &strided);
		MPI_Type_commit(&strided);
		MPI_Comm_dup(MPI_COMM_WORLD, &comm);
		MPI_Op_create(sum, 1, &op);
		memset(in, 0, sizeof(in));
		for (int i = 0; i < N; i++) {
			out[2 * i] = corpus_value(corpus_rank, round, i);
			mine[i] = out[2 * i];
		}
		MPI_Irecv(in, 1, strided, peer, 1, comm, &requests[0]);
		MPI_Iallreduce(mine, total, N, MPI_INT, op, comm, &requests[1]);
		MPI_Isend(out, 1, strided, peer, 1, comm, &requests[2]);
		MPI_Type_free(&strided);
		MPI_Op_free(&op);
		MPI_Comm_free(&comm);
		CHECK(strided == MPI_DATATYPE_NULL && op == MPI_OP_NULL && comm == MPI_COMM_NULL);
		MPI_Waitall(3, requests, MPI_STATUSES_IGNORE);
		for (int i = 0; i < N; i++) {
			int want = 0;

			for (int r = 0; r < corpus_size; r++)
				want += corpus_value(r, round, i);
			CHECK_INT(total[i], want);
			CHECK_INT(in[2 * i], corpus_value(peer, round, i));
			CHECK_INT(in[2 * i + 1], 0);
		}
		corpus_add(in, sizeof(in));
		corpus_add(total, sizeof(total));
	}
	return corpus_finish();
}
