/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Waitsome and MPI_Testsome: counts, indices and statuses belong together.
 *
 * corpus: ranks=2,4
 */
#include "corpus.h"

enum { MESSAGES = 20, N = 200 };

static void complete(int peer, long round, int in[][N], MPI_Request *requests, int test)
{
	int indices[MESSAGES], seen[MESSAGES] = {0}, left = MESSAGES, n, count;
	MPI_Status statuses[MESSAGES];

	while (left > 0) {
		if (test)
			MPI_Testsome(MESSAGES, requests, &n, indices, statuses);
		else
			MPI_Waitsome(MESSAGES, requests, &n, indices, statuses);
		CHECK(n >= !test && n <= left);
		for (int i = 0; i < n; i++) {
			CHECK_INT(seen[indices[i]]++, 0);
			CHECK_INT(statuses[i].MPI_TAG, indices[i]);
			CHECK_INT(statuses[i].MPI_SOURCE, peer);
			MPI_Get_count(&statuses[i], MPI_INT, &count);
			CHECK_INT(count, N - indices[i]);
			CHECK(requests[indices[i]] == MPI_REQUEST_NULL);
		}
		left -= n;
	}
	if (test)
		MPI_Testsome(MESSAGES, requests, &n, indices, MPI_STATUSES_IGNORE);
	else
		MPI_Waitsome(MESSAGES, requests, &n, indices, MPI_STATUSES_IGNORE);
	CHECK_INT(n, MPI_UNDEFINED);
	for (int m = 0; m < MESSAGES; m++)
		corpus_expect(in[m], N - m, peer, round);
}

int main(int argc, char **argv)
{
	int out[N], in[MESSAGES][N];
	MPI_Request receives[MESSAGES], sends[MESSAGES];

	corpus_init(&argc, &argv);
	int peer = corpus_rank ^ 1;

	for (long round = 0; round < corpus_rounds * 2; round++) {
		corpus_fill(out, N, corpus_rank, round);
		for (int m = 0; m < MESSAGES; m++) {
			MPI_Irecv(in[m], N, MPI_INT, peer, m, MPI_COMM_WORLD, &receives[m]);
			MPI_Isend(out, N - m, MPI_INT, peer, m, MPI_COMM_WORLD, &sends[m]);
		}
		complete(peer, round, in, receives, round % 2);
		MPI_Waitall(MESSAGES, sends, MPI_STATUSES_IGNORE);
	}
	return corpus_finish();
}
