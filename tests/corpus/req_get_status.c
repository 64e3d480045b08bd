/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Request_get_status looks at a request without ending it; MPI_Request_free of a pending send
 * lets the message arrive all the same.
 *
 * corpus: ranks=2
 */
#include "corpus.h"

enum { N = 64 };

int main(int argc, char **argv)
{
	static int out[N], in[N];
	MPI_Request request, kept, send;
	MPI_Status status;
	int flag, count;

	corpus_init(&argc, &argv);
	int peer = 1 - corpus_rank;

	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Irecv(in, N, MPI_INT, peer, 7, MPI_COMM_WORLD, &request);
		kept = request;
		MPI_Request_get_status(request, &flag, &status);
		CHECK_INT(flag, 0);
		MPI_Barrier(MPI_COMM_WORLD);
		corpus_fill(out, N, corpus_rank, round);
		MPI_Issend(out, N / 2, MPI_INT, peer, 7, MPI_COMM_WORLD, &send);
		MPI_Request_free(&send);
		do
			MPI_Request_get_status(request, &flag, &status);
		while (!flag);
		CHECK(request == kept);
		for (int twice = 0; twice < 2; twice++) {
			CHECK_INT(status.MPI_SOURCE, peer);
			MPI_Get_count(&status, MPI_INT, &count);
			CHECK_INT(count, N / 2);
			MPI_Request_get_status(request, &flag, MPI_STATUS_IGNORE);
			CHECK_INT(flag, 1);
		}
		MPI_Wait(&request, &status);
		CHECK_INT(status.MPI_TAG, 7);
		corpus_expect(in, N / 2, peer, round);
		MPI_Barrier(MPI_COMM_WORLD);
		corpus_fill(out, N, corpus_rank, round + 1000);
		MPI_Isend(out, N, MPI_INT, peer, 8, MPI_COMM_WORLD, &request);
		MPI_Request_free(&request);
		CHECK(request == MPI_REQUEST_NULL);
		MPI_Recv(in, N, MPI_INT, peer, 8, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		corpus_expect(in, N, peer, round + 1000);
		MPI_Barrier(MPI_COMM_WORLD);
	}
	return corpus_finish();
}
