/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Alltoall: every pair of ranks, contiguous, of different types on the two sides, and in place.
 *
 * corpus: ranks=1,2,4
 */
#include "corpus.h"

enum { N = 700 };

int main(int argc, char **argv)
{
	corpus_init(&argc, &argv);
	int *out = malloc((size_t)corpus_size * N * sizeof(int));
	int *in = malloc((size_t)corpus_size * N * sizeof(int));
	MPI_Datatype block;

	MPI_Type_contiguous(N, MPI_INT, &block);
	MPI_Type_commit(&block);
	for (long round = 0; round < corpus_rounds; round++)
		for (int way = 0; way < 3; way++) {
			int *data = way == 2 ? in : out;

			memset(in, 0, (size_t)corpus_size * N * sizeof(int));
			for (int r = 0; r < corpus_size; r++)
				corpus_fill(data + r * N, N, corpus_rank * corpus_size + r,
					    round + way);
			if (way == 0)
				MPI_Alltoall(out, N, MPI_INT, in, N, MPI_INT, MPI_COMM_WORLD);
			else if (way == 1)
				MPI_Alltoall(out, 1, block, in, N, MPI_INT, MPI_COMM_WORLD);
			else
				MPI_Alltoall(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, in, N, MPI_INT,
					     MPI_COMM_WORLD);
			for (int r = 0; r < corpus_size; r++)
				corpus_expect(in + r * N, N, r * corpus_size + corpus_rank,
					      round + way);
		}
	MPI_Type_free(&block);
	free(out);
	free(in);
	return corpus_finish();
}
