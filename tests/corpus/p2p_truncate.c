/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A message longer than its receive: MPI_ERR_TRUNCATE in every form of completion, and the messages
 * after it are whole.
 *
 * corpus: ranks=2
 */
#include "corpus.h"

enum { N = 100 };

static int class_of(int code)
{
	int class;

	MPI_Error_class(code, &class);
	return class;
}

int main(int argc, char **argv)
{
	int data[N], token = 0, code;
	MPI_Request requests[2];
	MPI_Status statuses[2];

	corpus_init(&argc, &argv);
	MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
	for (long round = 0; round < corpus_rounds; round++) {
		if (corpus_rank == 0) {
			for (int m = 0; m < 4; m++) {
				corpus_fill(data, N, m, round);
				MPI_Send(data, N, MPI_INT, 1, m, MPI_COMM_WORLD);
			}
			MPI_Recv(&token, 1, MPI_INT, 1, 9, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
			continue;
		}
		code = MPI_Recv(data, N / 2, MPI_INT, 0, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		CHECK_INT(class_of(code), MPI_ERR_TRUNCATE);
		MPI_Irecv(data, N / 2, MPI_INT, 0, 1, MPI_COMM_WORLD, &requests[0]);
		code = MPI_Wait(&requests[0], &statuses[0]);
		CHECK_INT(class_of(code), MPI_ERR_TRUNCATE);
		CHECK(requests[0] == MPI_REQUEST_NULL);
		MPI_Irecv(data, 1, MPI_INT, 0, 2, MPI_COMM_WORLD, &requests[0]);
		MPI_Irecv(data, N, MPI_INT, 0, 3, MPI_COMM_WORLD, &requests[1]);
		code = MPI_Waitall(2, requests, statuses);
		CHECK_INT(class_of(code), MPI_ERR_IN_STATUS);
		CHECK_INT(class_of(statuses[0].MPI_ERROR), MPI_ERR_TRUNCATE);
		/* the error of one may be told before the other is complete */
		CHECK(statuses[1].MPI_ERROR == MPI_SUCCESS ||
		      statuses[1].MPI_ERROR == MPI_ERR_PENDING);
		CHECK_INT(MPI_Wait(&requests[1], MPI_STATUS_IGNORE), MPI_SUCCESS);
		corpus_expect(data, N, 3, round);
		MPI_Send(&token, 1, MPI_INT, 0, 9, MPI_COMM_WORLD);
	}
	return corpus_finish();
}
