/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Inactive persistent requests: waiting for them returns at once with an empty status; one that was
 * cancelled, freed while active, or mixed with others behaves.
 *
 * corpus: ranks=2
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	int in = -1, out, flag, index;
	MPI_Request requests[3];
	MPI_Status status;

	corpus_init(&argc, &argv);
	int peer = 1 - corpus_rank;

	MPI_Recv_init(&in, 1, MPI_INT, peer, 1, MPI_COMM_WORLD, &requests[0]);
	MPI_Send_init(&out, 1, MPI_INT, peer, 1, MPI_COMM_WORLD, &requests[1]);
	requests[2] = MPI_REQUEST_NULL;
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Wait(&requests[0], &status);
		CHECK_INT(status.MPI_SOURCE, MPI_ANY_SOURCE);
		MPI_Test(&requests[1], &flag, &status);
		CHECK_INT(flag, 1);
		MPI_Waitany(3, requests, &index, MPI_STATUS_IGNORE);
		CHECK_INT(index, MPI_UNDEFINED);
		MPI_Start(&requests[0]);
		MPI_Cancel(&requests[0]);
		MPI_Wait(&requests[0], &status);
		MPI_Test_cancelled(&status, &flag);
		CHECK_INT(flag, 1);
		CHECK(requests[0] != MPI_REQUEST_NULL);
		MPI_Barrier(MPI_COMM_WORLD);
		out = corpus_value(corpus_rank, round, 0);
		MPI_Startall(2, requests);
		MPI_Waitall(3, requests, MPI_STATUSES_IGNORE);
		CHECK_INT(in, corpus_value(peer, round, 0));
		corpus_add_int(in);
		MPI_Barrier(MPI_COMM_WORLD);
	}
	MPI_Barrier(MPI_COMM_WORLD);
	MPI_Start(&requests[1]);
	MPI_Request_free(&requests[1]); /* the message still arrives */
	MPI_Start(&requests[0]);
	MPI_Wait(&requests[0], MPI_STATUS_IGNORE);
	CHECK_INT(in, corpus_value(peer, corpus_rounds - 1, 0));
	MPI_Request_free(&requests[0]);
	return corpus_finish();
}
