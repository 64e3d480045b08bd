/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Iscan and MPI_Iexscan, with predefined operations and a user's own that does not commute.
 *
 * corpus: ranks=1,2,4
 */
#include "corpus.h"

enum { N = 60, P = 10007 };

/* composition of x -> a*x + b modulo P: associative, not commutative */
static void compose(void *in, void *inout, int *n, MPI_Datatype *type)
{
	int(*f)[2] = in, (*g)[2] = inout;

	(void)type;
	for (int i = 0; i < *n; i++) {
		int a = f[i][0] * g[i][0] % P, b = (f[i][0] * g[i][1] + f[i][1]) % P;

		g[i][0] = a;
		g[i][1] = b;
	}
}

int main(int argc, char **argv)
{
	int mine[N][2], all[N][2], before[N][2], sum[N], flat[N];
	MPI_Datatype pair;
	MPI_Request requests[3];
	MPI_Op op;

	corpus_init(&argc, &argv);
	MPI_Type_contiguous(2, MPI_INT, &pair);
	MPI_Type_commit(&pair);
	MPI_Op_create(compose, 0, &op);
	for (long round = 0; round < corpus_rounds; round++) {
		for (int i = 0; i < N; i++) {
			mine[i][0] = corpus_value(corpus_rank, round, i) % P;
			mine[i][1] = corpus_value(corpus_rank, round, i + N) % P;
			flat[i] = mine[i][0];
		}
		MPI_Iscan(mine, all, N, pair, op, MPI_COMM_WORLD, &requests[0]);
		MPI_Iexscan(mine, before, N, pair, op, MPI_COMM_WORLD, &requests[1]);
		MPI_Iscan(flat, sum, N, MPI_INT, MPI_SUM, MPI_COMM_WORLD, &requests[2]);
		MPI_Waitall(3, requests, MPI_STATUSES_IGNORE);
		for (int i = 0; i < N; i++) {
			int a = 1, b = 0, s = 0;

			for (int r = 0; r <= corpus_rank; r++) {
				int f = corpus_value(r, round, i) % P,
				    g = corpus_value(r, round, i + N) % P;

				if (r == corpus_rank && r > 0) {
					CHECK_INT(before[i][0], a);
					CHECK_INT(before[i][1], b);
				}
				b = (a * g + b) % P;
				a = a * f % P;
				s += f;
			}
			CHECK_INT(all[i][0], a);
			CHECK_INT(all[i][1], b);
			CHECK_INT(sum[i], s);
		}
		corpus_add(all, sizeof(all));
	}
	MPI_Op_free(&op);
	MPI_Type_free(&pair);
	return corpus_finish();
}
