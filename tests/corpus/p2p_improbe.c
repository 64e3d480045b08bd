/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Improbe, and a matched message from MPI_PROC_NULL.
 *
 * corpus: ranks=2
 */
#include "corpus.h"

enum { N = 5000 };

int main(int argc, char **argv)
{
	static int out[N], in[N];
	MPI_Request request, send;
	MPI_Message message = MPI_MESSAGE_NULL;
	MPI_Status status;
	int flag, count;

	corpus_init(&argc, &argv);
	int peer = 1 - corpus_rank;

	MPI_Improbe(peer, 1, MPI_COMM_WORLD, &flag, &message, &status);
	CHECK_INT(flag, 0);
	MPI_Barrier(MPI_COMM_WORLD);
	for (long round = 0; round < corpus_rounds; round++) {
		int n = 1 + (int)(round * 997 % N);

		corpus_fill(out, n, corpus_rank, round);
		MPI_Isend(out, n, MPI_INT, peer, 1, MPI_COMM_WORLD, &send);
		do
			MPI_Improbe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &flag, &message,
				    &status);
		while (!flag);
		CHECK_INT(status.MPI_SOURCE, peer);
		/* taken out of the queue: an ordinary probe does not see it again */
		MPI_Iprobe(peer, 1, MPI_COMM_WORLD, &flag, MPI_STATUS_IGNORE);
		CHECK_INT(flag, 0);
		MPI_Imrecv(in, N, MPI_INT, &message, &request);
		do
			MPI_Test(&request, &flag, &status);
		while (!flag);
		MPI_Get_count(&status, MPI_INT, &count);
		CHECK_INT(count, n);
		corpus_expect(in, n, peer, round);
		MPI_Wait(&send, MPI_STATUS_IGNORE);
		MPI_Barrier(MPI_COMM_WORLD);
	}
	MPI_Mprobe(MPI_PROC_NULL, 3, MPI_COMM_WORLD, &message, &status);
	CHECK(message == MPI_MESSAGE_NO_PROC);
	CHECK_INT(status.MPI_SOURCE, MPI_PROC_NULL);
	MPI_Mrecv(in, N, MPI_INT, &message, &status);
	CHECK(message == MPI_MESSAGE_NULL);
	MPI_Get_count(&status, MPI_INT, &count);
	CHECK_INT(count, 0);
	MPI_Improbe(MPI_PROC_NULL, 3, MPI_COMM_WORLD, &flag, &message, &status);
	CHECK_INT(flag, 1);
	MPI_Imrecv(in, N, MPI_INT, &message, &request);
	MPI_Wait(&request, &status);
	CHECK_INT(status.MPI_SOURCE, MPI_PROC_NULL);
	return corpus_finish();
}
