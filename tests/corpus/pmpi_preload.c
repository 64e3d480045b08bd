/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A profiling tool that the user preloads sees the program's calls.
 *
 * corpus: ranks=2,3
 * corpus: preload=profile_preload
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	MPI_Request request;
	int value, in, sum;

	corpus_init(&argc, &argv);
	int next = (corpus_rank + 1) % corpus_size,
	    prev = (corpus_rank + corpus_size - 1) % corpus_size;

	for (long round = 0; round < corpus_rounds; round++) {
		value = corpus_value(corpus_rank, round, 0);
		MPI_Isend(&value, 1, MPI_INT, next, 1, MPI_COMM_WORLD, &request);
		MPI_Recv(&in, 1, MPI_INT, prev, 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		MPI_Wait(&request, MPI_STATUS_IGNORE);
		CHECK_INT(in, corpus_value(prev, round, 0));
		MPI_Allreduce(&in, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
		corpus_add_int(sum);
	}
	return corpus_finish();
}
