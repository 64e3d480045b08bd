/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A user operation that does not commute, on a derived type: products of 2 x 2 matrices modulo a
 * prime come out in rank order from every reduction.
 *
 * corpus: ranks=1,2,4
 */
#include "corpus.h"

enum { P = 10007, N = 30 };

typedef int matrix[4];

static MPI_Datatype matrix_type;

static void multiply(matrix out, const matrix a, const matrix b)
{
	matrix c = {(a[0] * b[0] + a[1] * b[2]) % P, (a[0] * b[1] + a[1] * b[3]) % P,
		    (a[2] * b[0] + a[3] * b[2]) % P, (a[2] * b[1] + a[3] * b[3]) % P};

	memcpy(out, c, sizeof(c));
}

static void product(void *in, void *inout, int *n, MPI_Datatype *type)
{
	matrix *a = in, *b = inout;

	CHECK(*type == matrix_type);
	for (int i = 0; i < *n; i++)
		multiply(b[i], a[i], b[i]);
}

static void element(matrix m, int rank, long round, int i)
{
	for (int k = 0; k < 4; k++)
		m[k] = corpus_value(rank, round, 4 * i + k) % P;
}

int main(int argc, char **argv)
{
	matrix mine[N], got[N], want;
	MPI_Op op;

	corpus_init(&argc, &argv);
	MPI_Type_contiguous(4, MPI_INT, &matrix_type);
	MPI_Type_commit(&matrix_type);
	MPI_Op_create(product, 0, &op);
	for (long round = 0; round < corpus_rounds; round++)
		for (int kind = 0; kind < 4; kind++) {
			int last = kind == 2 ? corpus_rank : corpus_size - 1,
			    root = corpus_size - 1;

			for (int i = 0; i < N; i++)
				element(mine[i], corpus_rank, round, i);
			if (kind == 0)
				MPI_Allreduce(mine, got, N, matrix_type, op, MPI_COMM_WORLD);
			else if (kind == 1)
				MPI_Reduce(mine, got, N, matrix_type, op, root, MPI_COMM_WORLD);
			else if (kind == 2)
				MPI_Scan(mine, got, N, matrix_type, op, MPI_COMM_WORLD);
			else {
				MPI_Request request;

				MPI_Iallreduce(mine, got, N, matrix_type, op, MPI_COMM_WORLD,
					       &request);
				MPI_Wait(&request, MPI_STATUS_IGNORE);
			}
			if (kind == 1 && corpus_rank != root)
				continue;
			for (int i = 0; i < N; i++) {
				matrix m;

				element(want, 0, round, i);
				for (int r = 1; r <= last; r++) {
					element(m, r, round, i);
					multiply(want, want, m);
				}
				CHECK(memcmp(got[i], want, sizeof(want)) == 0);
			}
			corpus_add(got, sizeof(got));
		}
	MPI_Op_free(&op);
	MPI_Type_free(&matrix_type);
	return corpus_finish();
}
