/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Ibarrier is not complete before the last rank has started its own, and does not block.
 *
 * corpus: ranks=1,2,4
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	MPI_Request request;
	int flag, token;

	corpus_init(&argc, &argv);
	for (long round = 0; round < corpus_rounds; round++) {
		int last = (int)(round % corpus_size);

		if (corpus_rank != last) {
			MPI_Ibarrier(MPI_COMM_WORLD, &request);
			MPI_Test(&request, &flag, MPI_STATUS_IGNORE);
			CHECK_INT(flag, 0); /* the last rank waits for the message below */
			MPI_Send(&corpus_rank, 1, MPI_INT, last, 1, MPI_COMM_WORLD);
		} else {
			for (int r = 0; r < corpus_size; r++) {
				if (r == last)
					continue;
				MPI_Recv(&token, 1, MPI_INT, r, 1, MPI_COMM_WORLD,
					 MPI_STATUS_IGNORE);
				CHECK_INT(token, r);
			}
			MPI_Ibarrier(MPI_COMM_WORLD, &request);
		}
		MPI_Wait(&request, MPI_STATUS_IGNORE);
		CHECK(request == MPI_REQUEST_NULL);
		corpus_add_int(last);
	}
	return corpus_finish();
}
