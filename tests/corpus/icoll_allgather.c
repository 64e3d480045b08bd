/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Iallgather and MPI_Iallgatherv, with and without MPI_IN_PLACE, tested to completion.
 *
 * corpus: ranks=1,2,4
 */
#include "corpus.h"

enum { N = 180 };

int main(int argc, char **argv)
{
	int mine[N], flag;

	corpus_init(&argc, &argv);
	size_t size = (size_t)corpus_size * N;
	int *all = malloc(4 * size * sizeof(int));
	int counts[corpus_size], offsets[corpus_size];

	for (int r = 0; r < corpus_size; r++) {
		counts[r] = r == 1 ? 0 : N - r;
		offsets[r] = (corpus_size - 1 - r) * N; /* backwards */
	}
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Request requests[4];

		corpus_fill(mine, N, corpus_rank, round);
		corpus_fill(all + size + corpus_rank * N, N, corpus_rank, round);
		corpus_fill(all + 3 * size + offsets[corpus_rank], N, corpus_rank, round);
		MPI_Iallgather(mine, N, MPI_INT, all, N, MPI_INT, MPI_COMM_WORLD, &requests[0]);
		MPI_Iallgather(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, all + size, N, MPI_INT,
			       MPI_COMM_WORLD, &requests[1]);
		MPI_Iallgatherv(mine, counts[corpus_rank], MPI_INT, all + 2 * size, counts, offsets,
				MPI_INT, MPI_COMM_WORLD, &requests[2]);
		MPI_Iallgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, all + 3 * size, counts, offsets,
				MPI_INT, MPI_COMM_WORLD, &requests[3]);
		do
			MPI_Testall(4, requests, &flag, MPI_STATUSES_IGNORE);
		while (!flag);
		for (int r = 0; r < corpus_size; r++) {
			corpus_expect(all + r * N, N, r, round);
			corpus_expect(all + size + r * N, N, r, round);
			corpus_expect(all + 2 * size + offsets[r], counts[r], r, round);
			corpus_expect(all + 3 * size + offsets[r], counts[r], r, round);
		}
	}
	free(all);
	return corpus_finish();
}
