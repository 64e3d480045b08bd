/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Sendrecv with different types and counts on its two sides, and with a status.
 *
 * corpus: ranks=1,3,4
 */
#include "corpus.h"

enum { N = 640 };

int main(int argc, char **argv)
{
	int out[N], in[N], count;
	MPI_Status status;

	corpus_init(&argc, &argv);
	for (long round = 0; round < corpus_rounds; round++)
		for (int shift = 0; shift < corpus_size; shift++) {
			int to = (corpus_rank + shift) % corpus_size;
			int from = (corpus_rank + corpus_size - shift) % corpus_size;

			corpus_fill(out, N, corpus_rank, round);
			memset(in, 0, sizeof(in));
			CHECK_INT(MPI_Sendrecv(out, N, MPI_INT, to, 1 + corpus_rank, in, N * 4,
					       MPI_BYTE, from, MPI_ANY_TAG, MPI_COMM_WORLD,
					       &status),
				  MPI_SUCCESS);
			CHECK_INT(status.MPI_SOURCE, from);
			CHECK_INT(status.MPI_TAG, 1 + from);
			MPI_Get_count(&status, MPI_BYTE, &count);
			CHECK_INT(count, N * 4);
			corpus_expect(in, N, from, round);
		}
	return corpus_finish();
}
