/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Gather and MPI_Scatter, each with MPI_IN_PLACE at the root and back again.
 *
 * corpus: ranks=1,2,4
 */
#include "corpus.h"

enum { N = 300 };

int main(int argc, char **argv)
{
	int mine[N];

	corpus_init(&argc, &argv);
	int *all = malloc((size_t)corpus_size * N * sizeof(int));

	for (long round = 0; round < corpus_rounds; round++)
		for (int root = 0; root < corpus_size; root++) {
			int in_place = (int)(round % 2);

			memset(all, 0, (size_t)corpus_size * N * sizeof(int));
			corpus_fill(mine, N, corpus_rank, round);
			if (corpus_rank == root && in_place)
				corpus_fill(all + root * N, N, root, round);
			MPI_Gather(corpus_rank == root && in_place ? MPI_IN_PLACE : mine, N,
				   MPI_INT, all, N, MPI_INT, root, MPI_COMM_WORLD);
			for (int r = 0; corpus_rank == root && r < corpus_size; r++) {
				corpus_expect(all + r * N, N, r, round);
				corpus_fill(all + r * N, N, r, round + 500);
			}
			memset(mine, 0, sizeof(mine));
			MPI_Scatter(all, N, MPI_INT,
				    corpus_rank == root && in_place ? MPI_IN_PLACE : mine, N,
				    MPI_INT, root, MPI_COMM_WORLD);
			if (corpus_rank == root && in_place)
				memcpy(mine, all + root * N, sizeof(mine));
			corpus_expect(mine, N, corpus_rank, round + 500);
		}
	free(all);
	return corpus_finish();
}
