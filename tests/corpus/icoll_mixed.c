/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Collectives of all kinds, on two communicators, and messages, pending in one array of requests
 * and completed by MPI_Waitany in whatever order they end.
 *
 * corpus: ranks=2,4
 */
#include "corpus.h"

enum { N = 100, REQUESTS = 8 };

int main(int argc, char **argv)
{
	static int data[REQUESTS][N * 8], mine[N * 8];
	MPI_Comm dup;

	corpus_init(&argc, &argv);
	int next = (corpus_rank + 1) % corpus_size;
	int prev = (corpus_rank + corpus_size - 1) % corpus_size;

	MPI_Comm_dup(MPI_COMM_WORLD, &dup);
	for (long round = 0; round < corpus_rounds * 3; round++) {
		MPI_Request requests[REQUESTS];
		int index, done = 0;

		memset(data, 0, sizeof(data));
		corpus_fill(mine, N * 8, corpus_rank, round);
		if (corpus_rank == 0)
			corpus_fill(data[2], N, 0, round);
		MPI_Irecv(data[0], N, MPI_INT, prev, 1, dup, &requests[0]);
		MPI_Ibarrier(dup, &requests[1]);
		MPI_Ibcast(data[2], N, MPI_INT, 0, MPI_COMM_WORLD, &requests[2]);
		MPI_Iallgather(mine, N, MPI_INT, data[3], N, MPI_INT, dup, &requests[3]);
		MPI_Iallreduce(mine, data[4], N, MPI_INT, MPI_MAX, MPI_COMM_WORLD, &requests[4]);
		MPI_Isend(mine, N, MPI_INT, next, 1, dup, &requests[5]);
		MPI_Ialltoall(mine, N, MPI_INT, data[6], N, MPI_INT, dup, &requests[6]);
		MPI_Iscan(mine, data[7], N, MPI_INT, MPI_SUM, MPI_COMM_WORLD, &requests[7]);
		for (int i = 0; i < REQUESTS; i++) {
			MPI_Waitany(REQUESTS, requests, &index, MPI_STATUS_IGNORE);
			CHECK(index >= 0 && index < REQUESTS && !(done >> index & 1));
			done |= 1 << index;
		}
		corpus_expect(data[0], N, prev, round);
		corpus_expect(data[2], N, 0, round);
		for (int r = 0; r < corpus_size; r++) {
			corpus_expect(data[3] + r * N, N, r, round);
			for (int i = 0; i < N; i++) {
				CHECK(data[4][i] >= corpus_value(r, round, i));
				CHECK_INT(data[6][r * N + i],
					  corpus_value(r, round, corpus_rank * N + i));
			}
		}
		corpus_add(data[7], N * sizeof(int));
	}
	MPI_Comm_free(&dup);
	return corpus_finish();
}
