/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A cancelled receive: MPI_Test_cancelled, and the message goes to the next receive instead.
 *
 * corpus: ranks=2
 */
#include "corpus.h"

enum { N = 16 };

int main(int argc, char **argv)
{
	int first[N], second[N], flag;
	MPI_Request request;
	MPI_Status status;

	corpus_init(&argc, &argv);
	int peer = 1 - corpus_rank;

	for (long round = 0; round < corpus_rounds; round++) {
		memset(first, -1, sizeof(first));
		MPI_Irecv(first, N, MPI_INT, peer, 1, MPI_COMM_WORLD, &request);
		CHECK_INT(MPI_Cancel(&request), MPI_SUCCESS);
		CHECK(request != MPI_REQUEST_NULL);
		MPI_Wait(&request, &status);
		MPI_Test_cancelled(&status, &flag);
		CHECK_INT(flag, 1);
		MPI_Barrier(MPI_COMM_WORLD);
		corpus_fill(second, N, corpus_rank, round);
		MPI_Send(second, N, MPI_INT, peer, 1, MPI_COMM_WORLD);
		MPI_Irecv(second, N, MPI_INT, peer, 1, MPI_COMM_WORLD, &request);
		MPI_Wait(&request, &status);
		MPI_Test_cancelled(&status, &flag);
		CHECK_INT(flag, 0);
		corpus_expect(second, N, peer, round);
		CHECK_INT(first[0], -1);
		corpus_add(first, sizeof(first));
	}
	return corpus_finish();
}
