/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Ialltoall, MPI_Ialltoallv and MPI_Ialltoallw together; the types are freed while pending.
 *
 * corpus: ranks=1,2,4
 */
#include "corpus.h"

enum { N = 90 };

int main(int argc, char **argv)
{
	corpus_init(&argc, &argv);
	size_t size = (size_t)corpus_size * N;
	int *out = malloc(size * sizeof(int)), *in = malloc(4 * size * sizeof(int));
	int counts[corpus_size], offsets[corpus_size], ones[corpus_size], bytes[corpus_size];

	for (int r = 0; r < corpus_size; r++) {
		counts[r] = (r + corpus_rank) % 3 * (N / 3);
		offsets[r] = r * N;
		ones[r] = 1;
		bytes[r] = offsets[r] * (int)sizeof(int);
	}
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Datatype types[corpus_size];
		MPI_Request requests[4];

		for (int r = 0; r < corpus_size; r++) {
			corpus_fill(out + r * N, N, corpus_rank * corpus_size + r, round);
			corpus_fill(in + 3 * size + r * N, N, corpus_rank * corpus_size + r, round);
			MPI_Type_contiguous(N - (r + corpus_rank), MPI_INT, &types[r]);
			MPI_Type_commit(&types[r]);
		}
		MPI_Ialltoall(out, N, MPI_INT, in, N, MPI_INT, MPI_COMM_WORLD, &requests[0]);
		MPI_Ialltoallv(out, counts, offsets, MPI_INT, in + size, counts, offsets, MPI_INT,
			       MPI_COMM_WORLD, &requests[1]);
		MPI_Ialltoallw(out, ones, bytes, types, in + 2 * size, ones, bytes, types,
			       MPI_COMM_WORLD, &requests[2]);
		MPI_Ialltoall(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, in + 3 * size, N, MPI_INT,
			      MPI_COMM_WORLD, &requests[3]);
		for (int r = 0; r < corpus_size; r++)
			MPI_Type_free(&types[r]);
		MPI_Waitall(4, requests, MPI_STATUSES_IGNORE);
		for (int r = 0; r < corpus_size; r++) {
			int who = r * corpus_size + corpus_rank;

			corpus_expect(in + r * N, N, who, round);
			corpus_expect(in + size + r * N, counts[r], who, round);
			corpus_expect(in + 2 * size + r * N, N - (r + corpus_rank), who, round);
			corpus_expect(in + 3 * size + r * N, N, who, round);
		}
	}
	free(out);
	free(in);
	return corpus_finish();
}
