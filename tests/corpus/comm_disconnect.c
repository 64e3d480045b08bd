/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Comm_disconnect waits for pending communication; MPI_Comm_f2c and MPI_Comm_c2f give the same
 * communicator back, predefined or not.
 *
 * corpus: ranks=2
 */
#include "corpus.h"

enum { N = 30000 };

int main(int argc, char **argv)
{
	static int out[N], in[N];
	MPI_Request request;
	MPI_Comm comm;

	corpus_init(&argc, &argv);
	int peer = 1 - corpus_rank;

	CHECK(MPI_Comm_f2c(MPI_Comm_c2f(MPI_COMM_WORLD)) == MPI_COMM_WORLD);
	CHECK(MPI_Comm_f2c(MPI_Comm_c2f(MPI_COMM_SELF)) == MPI_COMM_SELF);
	CHECK(MPI_Comm_f2c(MPI_Comm_c2f(MPI_COMM_NULL)) == MPI_COMM_NULL);
	CHECK_INT(MPI_Comm_c2f(MPI_COMM_WORLD), 0);
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Comm_dup(MPI_COMM_WORLD, &comm);
		MPI_Fint number = MPI_Comm_c2f(comm);
		CHECK_INT(MPI_Comm_c2f(comm), number);
		CHECK(MPI_Comm_f2c(number) == comm);
		corpus_fill(out, N, corpus_rank, round);
		MPI_Irecv(in, N, MPI_INT, peer, 1, comm, &request);
		MPI_Send(out, N, MPI_INT, peer, 1, MPI_Comm_f2c(number));
		MPI_Wait(&request, MPI_STATUS_IGNORE);
		CHECK_INT(MPI_Comm_disconnect(&comm), MPI_SUCCESS);
		CHECK(comm == MPI_COMM_NULL);
		corpus_expect(in, N, peer, round);
	}
	return corpus_finish();
}
