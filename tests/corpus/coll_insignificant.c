/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Arguments that are significant at the root only may be anything elsewhere: null types, null
 * buffers, nonsense counts.
 *
 * corpus: ranks=2,4
 */
#include "corpus.h"

enum { N = 50 };

int main(int argc, char **argv)
{
	int mine[N];

	corpus_init(&argc, &argv);
	int *all = malloc((size_t)corpus_size * N * sizeof(int));
	int counts[corpus_size], offsets[corpus_size];

	for (int r = 0; r < corpus_size; r++)
		counts[r] = N, offsets[r] = r * N;
	for (long round = 0; round < corpus_rounds; round++) {
		int root = (int)(round % corpus_size);

		corpus_fill(mine, N, corpus_rank, round);
		if (corpus_rank == root) {
			MPI_Gather(mine, N, MPI_INT, all, N, MPI_INT, root, MPI_COMM_WORLD);
			MPI_Gatherv(mine, N, MPI_INT, all, counts, offsets, MPI_INT, root,
				    MPI_COMM_WORLD);
			for (int r = 0; r < corpus_size; r++)
				corpus_expect(all + r * N, N, r, round);
			MPI_Scatter(all, N, MPI_INT, mine, N, MPI_INT, root, MPI_COMM_WORLD);
			MPI_Scatterv(all, counts, offsets, MPI_INT, mine, N, MPI_INT, root,
				     MPI_COMM_WORLD);
		} else {
			MPI_Gather(mine, N, MPI_INT, NULL, -5, MPI_DATATYPE_NULL, root,
				   MPI_COMM_WORLD);
			MPI_Gatherv(mine, N, MPI_INT, NULL, NULL, NULL, NULL, root, MPI_COMM_WORLD);
			memset(mine, 0, sizeof(mine));
			MPI_Scatter(NULL, -1, MPI_DATATYPE_NULL, mine, N, MPI_INT, root,
				    MPI_COMM_WORLD);
			corpus_expect(mine, N, corpus_rank, round);
			memset(mine, 0, sizeof(mine));
			MPI_Scatterv(NULL, NULL, NULL, NULL, mine, N, MPI_INT, root,
				     MPI_COMM_WORLD);
		}
		corpus_expect(mine, N, corpus_rank, round);
		/* split: the key of a rank that takes no part, the name of no communicator */
		MPI_Comm part;
		MPI_Comm_split(MPI_COMM_WORLD, corpus_rank == root ? 0 : MPI_UNDEFINED, -7, &part);
		CHECK((part == MPI_COMM_NULL) == (corpus_rank != root));
		if (part != MPI_COMM_NULL)
			MPI_Comm_free(&part);
	}
	free(all);
	return corpus_finish();
}
