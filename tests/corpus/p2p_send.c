/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Send and MPI_Recv around a ring, with sizes from nothing to well over the eager limit.
 *
 * corpus: ranks=2,4
 * corpus: time=short
 */
#include "corpus.h"

enum { MOST = 20000 };

int main(int argc, char **argv)
{
	static int out[MOST], in[MOST];
	const int sizes[] = {0, 1, 7, 1000, MOST};
	MPI_Status status;
	int count;

	corpus_init(&argc, &argv);
	int next = (corpus_rank + 1) % corpus_size;
	int prev = (corpus_rank + corpus_size - 1) % corpus_size;

	for (long round = 0; round < corpus_rounds; round++)
		for (int s = 0; s < 5; s++) {
			corpus_fill(out, sizes[s], corpus_rank, round);
			if (corpus_rank % 2 == 0)
				MPI_Send(out, sizes[s], MPI_INT, next, s, MPI_COMM_WORLD);
			MPI_Recv(in, MOST, MPI_INT, prev, s, MPI_COMM_WORLD, &status);
			if (corpus_rank % 2 != 0)
				MPI_Send(out, sizes[s], MPI_INT, next, s, MPI_COMM_WORLD);
			CHECK_INT(status.MPI_SOURCE, prev);
			CHECK_INT(status.MPI_TAG, s);
			CHECK_INT(MPI_Get_count(&status, MPI_INT, &count), MPI_SUCCESS);
			CHECK_INT(count, sizes[s]);
			corpus_expect(in, count, prev, round);
		}
	return corpus_finish();
}
