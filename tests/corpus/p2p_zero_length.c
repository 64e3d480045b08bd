/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Messages with no data still carry order, source and tag; a zero count allows a NULL buffer.
 *
 * corpus: ranks=2,4
 */
#include "corpus.h"

enum { MESSAGES = 300 };

int main(int argc, char **argv)
{
	MPI_Request requests[MESSAGES];
	MPI_Status status;
	MPI_Datatype empty;
	int count, extra[4] = {-1, -1, -1, -1};

	corpus_init(&argc, &argv);
	int next = (corpus_rank + 1) % corpus_size;
	int prev = (corpus_rank + corpus_size - 1) % corpus_size;

	MPI_Type_contiguous(0, MPI_DOUBLE, &empty);
	MPI_Type_commit(&empty);
	for (long round = 0; round < corpus_rounds; round++) {
		for (int m = 0; m < MESSAGES; m++)
			MPI_Isend(NULL, 0, MPI_INT, next, m % 50, MPI_COMM_WORLD, &requests[m]);
		for (int m = 0; m < MESSAGES; m++) {
			MPI_Recv(extra, 4, MPI_INT, prev, MPI_ANY_TAG, MPI_COMM_WORLD, &status);
			CHECK_INT(status.MPI_TAG, m % 50);
			MPI_Get_count(&status, MPI_INT, &count);
			CHECK_INT(count, 0);
			corpus_add_int(status.MPI_TAG);
		}
		MPI_Waitall(MESSAGES, requests, MPI_STATUSES_IGNORE);
		/* many elements of a type without data */
		MPI_Sendrecv(extra, 5, empty, next, 60, extra, 5, empty, prev, 60, MPI_COMM_WORLD,
			     &status);
		MPI_Get_count(&status, empty, &count);
		CHECK_INT(count, 0);
		CHECK_INT(extra[0], -1);
	}
	MPI_Type_free(&empty);
	return corpus_finish();
}
