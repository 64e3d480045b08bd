/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Persistent send and receive, made once and started every round with new data.
 *
 * corpus: ranks=2,4
 */
#include "corpus.h"

enum { N = 2000 };

int main(int argc, char **argv)
{
	static int out[N], in[N];
	MPI_Request send, receive, same;
	MPI_Status status;
	int count;

	corpus_init(&argc, &argv);
	int next = (corpus_rank + 1) % corpus_size;
	int prev = (corpus_rank + corpus_size - 1) % corpus_size;

	MPI_Send_init(out, N, MPI_INT, next, 1, MPI_COMM_WORLD, &send);
	MPI_Recv_init(in, N, MPI_INT, prev, 1, MPI_COMM_WORLD, &receive);
	same = receive;
	for (long round = 0; round < corpus_rounds * 10; round++) {
		MPI_Start(&receive);
		corpus_fill(out, N, corpus_rank, round);
		MPI_Start(&send);
		MPI_Wait(&receive, &status);
		CHECK(receive == same); /* a persistent request stays */
		MPI_Get_count(&status, MPI_INT, &count);
		CHECK_INT(count, N);
		CHECK_INT(status.MPI_SOURCE, prev);
		corpus_expect(in, N, prev, round);
		MPI_Wait(&send, MPI_STATUS_IGNORE);
	}
	MPI_Request_free(&send);
	MPI_Request_free(&receive);
	CHECK(send == MPI_REQUEST_NULL && receive == MPI_REQUEST_NULL);
	return corpus_finish();
}
