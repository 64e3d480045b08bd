/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Reduce and MPI_Allreduce with MPI_SUM, MPI_MAX and MPI_BXOR, at every root, and in place.
 *
 * corpus: ranks=1,2,4
 */
#include "corpus.h"

enum { N = 3000 };

static int expected(MPI_Op op, long round, int i)
{
	int value = corpus_value(0, round, i);

	for (int r = 1; r < corpus_size; r++) {
		int other = corpus_value(r, round, i);

		value = op == MPI_SUM	? value + other
			: op == MPI_MAX ? (value > other ? value : other)
					: value ^ other;
	}
	return value;
}

int main(int argc, char **argv)
{
	static int mine[N], result[N];
	MPI_Op ops[3] = {MPI_SUM, MPI_MAX, MPI_BXOR};

	corpus_init(&argc, &argv);
	for (long round = 0; round < corpus_rounds; round++)
		for (int o = 0; o < 3; o++) {
			int root = (int)(round + o) % corpus_size, place = (int)(round % 2);

			corpus_fill(mine, N, corpus_rank, round);
			memcpy(result, mine, sizeof(result));
			if (corpus_rank == root)
				MPI_Reduce(place ? MPI_IN_PLACE : mine, result, N, MPI_INT, ops[o],
					   root, MPI_COMM_WORLD);
			else
				MPI_Reduce(mine, NULL, N, MPI_INT, ops[o], root, MPI_COMM_WORLD);
			for (int i = 0; corpus_rank == root && i < N; i++)
				CHECK_INT(result[i], expected(ops[o], round, i));
			memcpy(result, mine, sizeof(result));
			MPI_Allreduce(place ? MPI_IN_PLACE : mine, result, N, MPI_INT, ops[o],
				      MPI_COMM_WORLD);
			for (int i = 0; i < N; i++)
				CHECK_INT(result[i], expected(ops[o], round, i));
			corpus_add(result, sizeof(result));
		}
	return corpus_finish();
}
