/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Waitany completes every request of a mixed array exactly once, then says MPI_UNDEFINED.
 *
 * corpus: ranks=2,4
 */
#include "corpus.h"

enum { MESSAGES = 16, N = 300, HOLE = 3 };

int main(int argc, char **argv)
{
	int out[N], in[MESSAGES][N], seen[MESSAGES], index, count;
	MPI_Request receives[MESSAGES], sends[MESSAGES];
	MPI_Status status;

	corpus_init(&argc, &argv);
	int peer = corpus_rank ^ 1;

	for (long round = 0; round < corpus_rounds; round++) {
		corpus_fill(out, N, corpus_rank, round);
		memset(seen, 0, sizeof(seen));
		for (int m = 0; m < MESSAGES; m++) {
			receives[m] = sends[m] = MPI_REQUEST_NULL;
			if (m == HOLE)
				continue;
			MPI_Irecv(in[m], N, MPI_INT, peer, m, MPI_COMM_WORLD, &receives[m]);
			MPI_Isend(out, N - m, MPI_INT, peer, m, MPI_COMM_WORLD, &sends[m]);
		}
		for (int i = 0; i < MESSAGES - 1; i++) {
			MPI_Waitany(MESSAGES, receives, &index, &status);
			CHECK(index >= 0 && index < MESSAGES && index != HOLE);
			CHECK(receives[index] == MPI_REQUEST_NULL);
			CHECK_INT(status.MPI_TAG, index);
			CHECK_INT(status.MPI_SOURCE, peer);
			MPI_Get_count(&status, MPI_INT, &count);
			CHECK_INT(count, N - index);
			CHECK_INT(seen[index]++, 0);
		}
		MPI_Waitany(MESSAGES, receives, &index, &status);
		CHECK_INT(index, MPI_UNDEFINED);
		for (int m = 0; m < MESSAGES; m++)
			if (m != HOLE)
				corpus_expect(in[m], N - m, peer, round);
		for (int i = 0; i < MESSAGES - 1; i++)
			MPI_Waitany(MESSAGES, sends, &index, MPI_STATUS_IGNORE);
		MPI_Waitany(MESSAGES, sends, &index, MPI_STATUS_IGNORE);
		CHECK_INT(index, MPI_UNDEFINED);
	}
	return corpus_finish();
}
