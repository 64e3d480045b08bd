/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Many messages wait unreceived, small and large, and are then taken in another order.
 *
 * corpus: ranks=2,3
 */
#include "corpus.h"

enum { MESSAGES = 120, MOST = 9000 };

static int size_of(int m)
{
	return m % 10 == 0 ? MOST : m;
}

int main(int argc, char **argv)
{
	static int out[MESSAGES][MOST], in[MOST];
	MPI_Request requests[MESSAGES];
	MPI_Status status;
	int count;

	corpus_init(&argc, &argv);
	int next = (corpus_rank + 1) % corpus_size;
	int prev = (corpus_rank + corpus_size - 1) % corpus_size;

	for (long round = 0; round < corpus_rounds; round++) {
		for (int m = 0; m < MESSAGES; m++) {
			corpus_fill(out[m], size_of(m), corpus_rank * MESSAGES + m, round);
			MPI_Isend(out[m], size_of(m), MPI_INT, next, m, MPI_COMM_WORLD,
				  &requests[m]);
		}
		MPI_Barrier(MPI_COMM_WORLD);
		for (int i = 0; i < MESSAGES; i++) {
			int m = (i * 77 + 13) % MESSAGES; /* 77 and 120 share no factor */

			MPI_Recv(in, MOST, MPI_INT, prev, m, MPI_COMM_WORLD, &status);
			MPI_Get_count(&status, MPI_INT, &count);
			CHECK_INT(count, size_of(m));
			corpus_expect(in, count, prev * MESSAGES + m, round);
		}
		MPI_Waitall(MESSAGES, requests, MPI_STATUSES_IGNORE);
	}
	return corpus_finish();
}
