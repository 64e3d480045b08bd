/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Allgather and MPI_Allgatherv, with and without MPI_IN_PLACE, contiguous and interleaved.
 *
 * corpus: ranks=1,3,4
 */
#include "corpus.h"

enum { N = 250 };

int main(int argc, char **argv)
{
	int mine[N];
	MPI_Datatype column, interleaved;

	corpus_init(&argc, &argv);
	int counts[corpus_size], offsets[corpus_size], total = 0;

	for (int r = 0; r < corpus_size; r++) {
		counts[r] = N - r;
		offsets[r] = total;
		total += counts[r] + 1;
	}
	int *all = malloc((size_t)corpus_size * (N + 1) * sizeof(int));

	MPI_Type_vector(N, 1, corpus_size, MPI_INT, &column);
	MPI_Type_create_resized(column, 0, sizeof(int), &interleaved);
	MPI_Type_commit(&interleaved);
	for (long round = 0; round < corpus_rounds; round++) {
		corpus_fill(mine, N, corpus_rank, round);
		MPI_Allgather(mine, N, MPI_INT, all, N, MPI_INT, MPI_COMM_WORLD);
		for (int r = 0; r < corpus_size; r++)
			corpus_expect(all + r * N, N, r, round);
		memset(all, 0, (size_t)corpus_size * N * sizeof(int));
		corpus_fill(all + corpus_rank * N, N, corpus_rank, round + 1);
		MPI_Allgather(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, all, N, MPI_INT, MPI_COMM_WORLD);
		for (int r = 0; r < corpus_size; r++)
			corpus_expect(all + r * N, N, r, round + 1);
		MPI_Allgather(mine, N, MPI_INT, all, 1, interleaved, MPI_COMM_WORLD);
		for (int r = 0; r < corpus_size; r++)
			for (int i = 0; i < N; i++)
				CHECK_INT(all[i * corpus_size + r], corpus_value(r, round, i));
		MPI_Allgatherv(mine, counts[corpus_rank], MPI_INT, all, counts, offsets, MPI_INT,
			       MPI_COMM_WORLD);
		for (int r = 0; r < corpus_size; r++)
			corpus_expect(all + offsets[r], counts[r], r, round);
		corpus_fill(all + offsets[corpus_rank], counts[corpus_rank], corpus_rank,
			    round + 2);
		MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, all, counts, offsets, MPI_INT,
			       MPI_COMM_WORLD);
		for (int r = 0; r < corpus_size; r++)
			corpus_expect(all + offsets[r], counts[r], r, round + 2);
	}
	MPI_Type_free(&column);
	MPI_Type_free(&interleaved);
	free(all);
	return corpus_finish();
}
