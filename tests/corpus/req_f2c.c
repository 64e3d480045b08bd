/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Requests and messages as Fortran integers and back: pending, completed and null ones. Handles are
 * compared by their numbers: in a restored process the handle from before and the one that a number
 * gives are two names of one request.
 *
 * corpus: ranks=2
 */
#include "corpus.h"

enum { N = 10 };

int main(int argc, char **argv)
{
	int in[N], out[N];
	MPI_Request request, back;
	MPI_Message message, taken;
	MPI_Fint number;

	corpus_init(&argc, &argv);
	int peer = 1 - corpus_rank;

	CHECK(MPI_Request_f2c(MPI_Request_c2f(MPI_REQUEST_NULL)) == MPI_REQUEST_NULL);
	CHECK(MPI_Message_f2c(MPI_Message_c2f(MPI_MESSAGE_NULL)) == MPI_MESSAGE_NULL);
	CHECK(MPI_Message_f2c(MPI_Message_c2f(MPI_MESSAGE_NO_PROC)) == MPI_MESSAGE_NO_PROC);
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Irecv(in, N, MPI_INT, peer, 1, MPI_COMM_WORLD, &request);
		number = MPI_Request_c2f(request);
		CHECK_INT(MPI_Request_c2f(request), number);
		corpus_fill(out, N, corpus_rank, round);
		MPI_Send(out, N, MPI_INT, peer, 1, MPI_COMM_WORLD);
		back = MPI_Request_f2c(number);
		CHECK_INT(MPI_Request_c2f(back), number);
		MPI_Wait(&back, MPI_STATUS_IGNORE);
		CHECK(back == MPI_REQUEST_NULL);
		corpus_expect(in, N, peer, round);

		MPI_Send(out, N, MPI_INT, peer, 2, MPI_COMM_WORLD);
		MPI_Mprobe(peer, 2, MPI_COMM_WORLD, &message, MPI_STATUS_IGNORE);
		number = MPI_Message_c2f(message);
		taken = MPI_Message_f2c(number);
		CHECK_INT(MPI_Message_c2f(taken), number);
		MPI_Mrecv(in, N, MPI_INT, &taken, MPI_STATUS_IGNORE);
		corpus_expect(in, N, peer, round);
	}
	return corpus_finish();
}
