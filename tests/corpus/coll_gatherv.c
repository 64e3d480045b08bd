/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Gatherv and MPI_Scatterv with a different length for every rank, zero for one, and gaps.
 *
 * corpus: ranks=1,2,4
 */
#include "corpus.h"

enum { STEP = 100 };

int main(int argc, char **argv)
{
	corpus_init(&argc, &argv);
	int counts[corpus_size], offsets[corpus_size], total = 0;

	for (int r = 0; r < corpus_size; r++) {
		counts[r] = r == 1 ? 0 : (r + 1) * STEP;
		offsets[r] = total + r; /* a gap of r elements */
		total = offsets[r] + counts[r];
	}
	int *all = malloc(((size_t)total + 1) * sizeof(int));
	int mine[(corpus_rank + 1) * STEP], n = counts[corpus_rank];

	for (long round = 0; round < corpus_rounds; round++)
		for (int root = 0; root < corpus_size; root++) {
			int place = corpus_rank == root && round % 2;

			memset(all, 0xff, ((size_t)total + 1) * sizeof(int));
			corpus_fill(mine, n, corpus_rank, round);
			if (place)
				corpus_fill(all + offsets[root], n, root, round);
			MPI_Gatherv(place ? MPI_IN_PLACE : mine, n, MPI_INT, all, counts, offsets,
				    MPI_INT, root, MPI_COMM_WORLD);
			for (int r = 0; corpus_rank == root && r < corpus_size; r++) {
				corpus_expect(all + offsets[r], counts[r], r, round);
				if (r > 0)
					CHECK_INT(all[offsets[r] - 1], -1);
				corpus_fill(all + offsets[r], counts[r], r, round + 7);
			}
			memset(mine, 0, sizeof(mine));
			MPI_Scatterv(all, counts, offsets, MPI_INT, place ? MPI_IN_PLACE : mine, n,
				     MPI_INT, root, MPI_COMM_WORLD);
			corpus_expect(place ? all + offsets[root] : mine, n, corpus_rank,
				      round + 7);
		}
	free(all);
	return corpus_finish();
}
