/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ten thousand requests pending at once, completed in one call.
 *
 * corpus: ranks=2
 */
#include "corpus.h"

enum { MANY = 10000 };

int main(int argc, char **argv)
{
	static int out[MANY], in[MANY];
	static MPI_Request requests[2 * MANY];
	static MPI_Status statuses[2 * MANY];

	corpus_init(&argc, &argv);
	int peer = 1 - corpus_rank;

	for (long round = 0; round < corpus_rounds; round++) {
		for (int m = 0; m < MANY; m++)
			MPI_Irecv(&in[m], 1, MPI_INT, peer, m % 100, MPI_COMM_WORLD, &requests[m]);
		corpus_fill(out, MANY, corpus_rank, round);
		for (int m = 0; m < MANY; m++)
			MPI_Isend(&out[m], 1, MPI_INT, peer, m % 100, MPI_COMM_WORLD,
				  &requests[MANY + m]);
		MPI_Waitall(2 * MANY, requests, statuses);
		for (int m = 0; m < MANY; m++) {
			CHECK_INT(statuses[m].MPI_TAG, m % 100);
			CHECK(requests[m] == MPI_REQUEST_NULL);
		}
		corpus_expect(in, MANY, peer, round);
	}
	return corpus_finish();
}
