/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Ireduce, MPI_Iallreduce, MPI_Ireduce_scatter and MPI_Ireduce_scatter_block.
 *
 * corpus: ranks=1,2,4
 */
#include "corpus.h"

enum { N = 200 };

static void check_sum(const int *data, int n, int offset, long round)
{
	for (int i = 0; i < n; i++) {
		int want = 0;

		for (int r = 0; r < corpus_size; r++)
			want += corpus_value(r, round, offset + i);
		CHECK_INT(data[i], want);
	}
	corpus_add(data, (size_t)n * sizeof(int));
}

int main(int argc, char **argv)
{
	corpus_init(&argc, &argv);
	size_t size = (size_t)corpus_size * N;
	int *mine = malloc(size * sizeof(int)), *result = malloc(4 * size * sizeof(int));
	int counts[corpus_size];

	for (int r = 0; r < corpus_size; r++)
		counts[r] = N;
	for (long round = 0; round < corpus_rounds; round++) {
		int root = (int)(round % corpus_size), at_root = corpus_rank == root;
		MPI_Request requests[4];

		corpus_fill(mine, (int)size, corpus_rank, round);
		for (int k = 0; k < 4; k++)
			memcpy(result + k * size, mine, size * sizeof(int));
		MPI_Ireduce(at_root ? MPI_IN_PLACE : mine, at_root ? result : NULL, N, MPI_INT,
			    MPI_SUM, root, MPI_COMM_WORLD, &requests[0]);
		MPI_Iallreduce(round % 2 ? MPI_IN_PLACE : mine, result + size, N, MPI_INT, MPI_SUM,
			       MPI_COMM_WORLD, &requests[1]);
		MPI_Ireduce_scatter(mine, result + 2 * size, counts, MPI_INT, MPI_SUM,
				    MPI_COMM_WORLD, &requests[2]);
		MPI_Ireduce_scatter_block(mine, result + 3 * size, N, MPI_INT, MPI_SUM,
					  MPI_COMM_WORLD, &requests[3]);
		MPI_Waitall(4, requests, MPI_STATUSES_IGNORE);
		if (at_root)
			check_sum(result, N, 0, round);
		check_sum(result + size, N, 0, round);
		check_sum(result + 2 * size, N, corpus_rank * N, round);
		check_sum(result + 3 * size, N, corpus_rank * N, round);
	}
	free(mine);
	free(result);
	return corpus_finish();
}
