/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Igather, MPI_Igatherv, MPI_Iscatter and MPI_Iscatterv, pending together, also in place.
 *
 * corpus: ranks=1,2,4
 */
#include "corpus.h"

enum { N = 150 };

int main(int argc, char **argv)
{
	int mine[4][N];

	corpus_init(&argc, &argv);
	size_t size = (size_t)corpus_size * N;
	int *all = malloc(4 * size * sizeof(int));
	int counts[corpus_size], offsets[corpus_size];

	for (int r = 0; r < corpus_size; r++) {
		counts[r] = N - r;
		offsets[r] = r * N;
	}
	for (long round = 0; round < corpus_rounds; round++) {
		int root = (int)(round % corpus_size), at_root = corpus_rank == root;
		int place = at_root && round % 2;
		MPI_Request requests[4];

		for (int k = 0; k < 4; k++) {
			corpus_fill(mine[k], N, corpus_rank, round + k);
			for (int r = 0; r < corpus_size; r++)
				if (k >= 2 || (place && r == root))
					corpus_fill(all + k * size + r * N, N, r, round + k);
			if (k >= 2 && !place)
				memset(mine[k], 0, sizeof(mine[k]));
		}
		MPI_Igather(place ? MPI_IN_PLACE : mine[0], N, MPI_INT, all, N, MPI_INT, root,
			    MPI_COMM_WORLD, &requests[0]);
		MPI_Igatherv(place ? MPI_IN_PLACE : mine[1], counts[corpus_rank], MPI_INT,
			     all + size, counts, offsets, MPI_INT, root, MPI_COMM_WORLD,
			     &requests[1]);
		MPI_Iscatter(all + 2 * size, N, MPI_INT, place ? MPI_IN_PLACE : mine[2], N, MPI_INT,
			     root, MPI_COMM_WORLD, &requests[2]);
		MPI_Iscatterv(all + 3 * size, counts, offsets, MPI_INT,
			      place ? MPI_IN_PLACE : mine[3], counts[corpus_rank], MPI_INT, root,
			      MPI_COMM_WORLD, &requests[3]);
		MPI_Waitall(4, requests, MPI_STATUSES_IGNORE);
		for (int r = 0; at_root && r < corpus_size; r++) {
			corpus_expect(all + r * N, N, r, round);
			corpus_expect(all + size + offsets[r], counts[r], r, round + 1);
		}
		corpus_expect(mine[2], N, corpus_rank, round + 2);
		corpus_expect(mine[3], counts[corpus_rank], corpus_rank, round + 3);
	}
	free(all);
	return corpus_finish();
}
