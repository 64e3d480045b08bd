/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Reduce_scatter with uneven parts and MPI_Reduce_scatter_block, both also in place.
 *
 * corpus: ranks=1,3,4
 */
#include "corpus.h"

enum { STEP = 120 };

static void check_sum(const int *part, int n, int offset, long round)
{
	for (int i = 0; i < n; i++) {
		int want = 0;

		for (int r = 0; r < corpus_size; r++)
			want += corpus_value(r, round, offset + i);
		CHECK_INT(part[i], want);
	}
	corpus_add(part, (size_t)n * sizeof(int));
}

int main(int argc, char **argv)
{
	corpus_init(&argc, &argv);
	int counts[corpus_size], total = 0, offset = 0;

	for (int r = 0; r < corpus_size; r++) {
		counts[r] = r == 1 ? 0 : STEP + r;
		offset += r < corpus_rank ? counts[r] : 0;
		total += counts[r];
	}
	int most = corpus_size * (STEP + corpus_size);
	int *data = malloc((size_t)most * sizeof(int)), *part = malloc((size_t)most * sizeof(int));

	for (long round = 0; round < corpus_rounds; round++) {
		corpus_fill(data, most, corpus_rank, round);
		MPI_Reduce_scatter(data, part, counts, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
		check_sum(part, counts[corpus_rank], offset, round);
		MPI_Reduce_scatter_block(data, part, STEP, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
		check_sum(part, STEP, corpus_rank * STEP, round);
		MPI_Reduce_scatter_block(MPI_IN_PLACE, data, STEP, MPI_INT, MPI_SUM,
					 MPI_COMM_WORLD);
		check_sum(data, STEP, corpus_rank * STEP, round);
		corpus_fill(data, most, corpus_rank, round);
		MPI_Reduce_scatter(MPI_IN_PLACE, data, counts, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
		check_sum(data, counts[corpus_rank], offset, round);
	}
	free(data);
	free(part);
	return corpus_finish();
}
