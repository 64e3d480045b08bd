/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Matched probes: MPI_Mprobe takes a message out of the queue, MPI_Mrecv and MPI_Imrecv receive it.
 *
 * corpus: ranks=2,4
 */
#include "corpus.h"

enum { N = 800 };

int main(int argc, char **argv)
{
	int first[N], second[N], count;
	MPI_Message one, two;
	MPI_Request request;
	MPI_Status status;

	corpus_init(&argc, &argv);
	int peer = corpus_rank ^ 1;

	for (long round = 0; round < corpus_rounds; round++) {
		if (corpus_rank % 2 == 0) {
			for (int m = 0; m < 2; m++) {
				corpus_fill(first, N - m, m, round);
				MPI_Send(first, N - m, MPI_INT, peer, 4, MPI_COMM_WORLD);
			}
			MPI_Mprobe(peer, MPI_ANY_TAG, MPI_COMM_WORLD, &one, &status);
			CHECK(one != MPI_MESSAGE_NULL && one != MPI_MESSAGE_NO_PROC);
			CHECK_INT(status.MPI_TAG, 8);
			MPI_Mrecv(&count, 1, MPI_INT, &one, MPI_STATUS_IGNORE);
			CHECK_INT(count, round);
			continue;
		}
		/* the message probed first is received last, and is still the one sent first */
		MPI_Mprobe(peer, 4, MPI_COMM_WORLD, &one, &status);
		MPI_Get_count(&status, MPI_INT, &count);
		CHECK_INT(count, N);
		MPI_Mprobe(MPI_ANY_SOURCE, 4, MPI_COMM_WORLD, &two, &status);
		MPI_Get_count(&status, MPI_INT, &count);
		CHECK_INT(count, N - 1);
		CHECK_INT(status.MPI_SOURCE, peer);
		MPI_Imrecv(second, N, MPI_INT, &two, &request);
		CHECK(two == MPI_MESSAGE_NULL);
		MPI_Wait(&request, &status);
		MPI_Get_count(&status, MPI_INT, &count);
		CHECK_INT(count, N - 1);
		MPI_Mrecv(first, N, MPI_INT, &one, &status);
		CHECK(one == MPI_MESSAGE_NULL);
		CHECK_INT(status.MPI_TAG, 4);
		corpus_expect(first, N, 0, round);
		corpus_expect(second, N - 1, 1, round);
		count = (int)round;
		MPI_Send(&count, 1, MPI_INT, peer, 8, MPI_COMM_WORLD);
	}
	return corpus_finish();
}
