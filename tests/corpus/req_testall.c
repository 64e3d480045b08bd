/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Testall and MPI_Testany say no while a message is missing, and leave the requests alone.
 *
 * corpus: ranks=2
 */
#include "corpus.h"

enum { MESSAGES = 6 };

int main(int argc, char **argv)
{
	int value, in[MESSAGES], flag, index;
	MPI_Request requests[MESSAGES], kept[MESSAGES];
	MPI_Status statuses[MESSAGES], status;

	corpus_init(&argc, &argv);
	int peer = 1 - corpus_rank;

	for (long round = 0; round < corpus_rounds; round++) {
		for (int m = 0; m < MESSAGES; m++)
			MPI_Irecv(&in[m], 1, MPI_INT, peer, m, MPI_COMM_WORLD, &requests[m]);
		memcpy(kept, requests, sizeof(kept));
		MPI_Testall(MESSAGES, requests, &flag, statuses);
		CHECK_INT(flag, 0);
		MPI_Testany(MESSAGES, requests, &index, &flag, &status);
		CHECK_INT(flag, 0);
		CHECK_INT(index, MPI_UNDEFINED);
		CHECK(memcmp(kept, requests, sizeof(kept)) == 0);
		MPI_Barrier(MPI_COMM_WORLD);
		value = corpus_value(corpus_rank, round, 4);
		MPI_Send(&value, 1, MPI_INT, peer, 4, MPI_COMM_WORLD);
		do
			MPI_Testany(MESSAGES, requests, &index, &flag, &status);
		while (!flag);
		CHECK_INT(index, 4);
		CHECK_INT(status.MPI_TAG, 4);
		CHECK(requests[4] == MPI_REQUEST_NULL);
		MPI_Testall(MESSAGES, requests, &flag, MPI_STATUSES_IGNORE);
		CHECK_INT(flag, 0);
		MPI_Barrier(MPI_COMM_WORLD); /* the other messages are sent after this */
		for (int m = 0; m < MESSAGES; m++) {
			value = corpus_value(corpus_rank, round, m);
			if (m != 4)
				MPI_Send(&value, 1, MPI_INT, peer, m, MPI_COMM_WORLD);
		}
		do
			MPI_Testall(MESSAGES, requests, &flag, statuses);
		while (!flag);
		for (int m = 0; m < MESSAGES; m++) {
			CHECK_INT(statuses[m].MPI_SOURCE, m == 4 ? MPI_ANY_SOURCE : peer);
			CHECK_INT(statuses[m].MPI_TAG, m == 4 ? MPI_ANY_TAG : m);
			CHECK_INT(in[m], corpus_value(peer, round, m));
			CHECK(requests[m] == MPI_REQUEST_NULL);
			corpus_add_int(in[m]);
		}
	}
	return corpus_finish();
}
