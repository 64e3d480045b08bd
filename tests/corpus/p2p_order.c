/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Messages with the same envelope do not overtake each other, whatever their size and mode, and
 * whether they are received by name or by wildcard.
 *
 * corpus: ranks=2,4
 */
#include "corpus.h"

enum { MESSAGES = 200, MOST = 4000 };

static int length(long round, int m)
{
	return 1 + corpus_value(m, round, 1) % (m % 8 == 0 ? MOST : 40);
}

int main(int argc, char **argv)
{
	static int out[MESSAGES][MOST], in[MOST];
	MPI_Request requests[MESSAGES];
	MPI_Status status;
	int count;

	corpus_init(&argc, &argv);
	int peer = corpus_rank ^ 1;

	for (long round = 0; round < corpus_rounds; round++) {
		for (int m = 0; m < MESSAGES; m++) {
			out[m][0] = m;
			(m % 3 ? MPI_Isend : MPI_Issend)(out[m], length(round, m), MPI_INT, peer, 1,
							 MPI_COMM_WORLD, &requests[m]);
		}
		for (int m = 0; m < MESSAGES; m++) {
			MPI_Recv(in, MOST, MPI_INT, m % 2 ? MPI_ANY_SOURCE : peer,
				 m % 5 ? 1 : MPI_ANY_TAG, MPI_COMM_WORLD, &status);
			MPI_Get_count(&status, MPI_INT, &count);
			CHECK_INT(in[0], m);
			CHECK_INT(count, length(round, m));
			corpus_add_int(count * MESSAGES + in[0]);
		}
		MPI_Waitall(MESSAGES, requests, MPI_STATUSES_IGNORE);
		MPI_Barrier(MPI_COMM_WORLD);
	}
	return corpus_finish();
}
