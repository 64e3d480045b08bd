/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Many broadcasts pending at once, from all roots, completed out of order.
 *
 * corpus: ranks=1,2,4
 */
#include "corpus.h"

enum { PENDING = 12, N = 2000 };

int main(int argc, char **argv)
{
	static int data[PENDING][N];
	MPI_Request requests[PENDING];

	corpus_init(&argc, &argv);
	for (long round = 0; round < corpus_rounds; round++) {
		for (int p = 0; p < PENDING; p++) {
			memset(data[p], 0, sizeof(data[p]));
			if (corpus_rank == p % corpus_size)
				corpus_fill(data[p], N, p, round);
			MPI_Ibcast(data[p], N, MPI_INT, p % corpus_size, MPI_COMM_WORLD,
				   &requests[p]);
		}
		for (int p = PENDING - 1; p >= 0; p--) {
			MPI_Wait(&requests[p], MPI_STATUS_IGNORE);
			corpus_expect(data[p], N, p, round);
		}
	}
	return corpus_finish();
}
