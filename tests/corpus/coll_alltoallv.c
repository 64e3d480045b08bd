/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Alltoallv with lengths that depend on both ranks, and a symmetric one in place.
 *
 * corpus: ranks=1,2,4
 */
#include "corpus.h"

enum { STEP = 30 };

int main(int argc, char **argv)
{
	corpus_init(&argc, &argv);
	int out_counts[corpus_size], out_offsets[corpus_size];
	int in_counts[corpus_size], in_offsets[corpus_size], out_total = 0, in_total = 0;

	for (int r = 0; r < corpus_size; r++) {
		out_counts[r] = STEP * ((corpus_rank * 2 + r) % 5);
		in_counts[r] = STEP * ((r * 2 + corpus_rank) % 5);
		out_offsets[r] = out_total, in_offsets[r] = in_total;
		out_total += out_counts[r], in_total += in_counts[r];
	}
	int symmetric[corpus_size], places[corpus_size], symmetric_total = 0;

	for (int r = 0; r < corpus_size; r++) {
		symmetric[r] = STEP * (corpus_rank + r);
		places[r] = symmetric_total;
		symmetric_total += symmetric[r];
	}
	int *out = calloc((size_t)out_total + 1, sizeof(int));
	int *in = calloc((size_t)(in_total + symmetric_total) + 1, sizeof(int));
	for (long round = 0; round < corpus_rounds; round++) {
		for (int r = 0; r < corpus_size; r++)
			corpus_fill(out + out_offsets[r], out_counts[r],
				    corpus_rank * corpus_size + r, round);
		MPI_Alltoallv(out, out_counts, out_offsets, MPI_INT, in, in_counts, in_offsets,
			      MPI_INT, MPI_COMM_WORLD);
		for (int r = 0; r < corpus_size; r++)
			corpus_expect(in + in_offsets[r], in_counts[r],
				      r * corpus_size + corpus_rank, round);
		for (int r = 0; r < corpus_size; r++)
			corpus_fill(in + places[r], symmetric[r], corpus_rank * corpus_size + r,
				    round + 1);
		MPI_Alltoallv(MPI_IN_PLACE, NULL, NULL, MPI_DATATYPE_NULL, in, symmetric, places,
			      MPI_INT, MPI_COMM_WORLD);
		for (int r = 0; r < corpus_size; r++)
			corpus_expect(in + places[r], symmetric[r], r * corpus_size + corpus_rank,
				      round + 1);
	}
	free(out);
	free(in);
	return corpus_finish();
}
