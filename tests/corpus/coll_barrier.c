/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * No rank leaves a barrier before the last one has come: a late rank's message is there afterwards.
 *
 * corpus: ranks=1,2,4
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	corpus_init(&argc, &argv);
	for (long round = 0; round < corpus_rounds * 5; round++) {
		int late = (int)(round % corpus_size), token = -1;
		MPI_Request request;

		if (corpus_rank != late)
			MPI_Irecv(&token, 1, MPI_INT, late, 1, MPI_COMM_WORLD, &request);
		if (corpus_rank == late) {
			usleep(2000);
			for (int r = 0; r < corpus_size; r++) {
				token = corpus_value(r, round, 0);
				if (r != late)
					MPI_Ssend(&token, 1, MPI_INT, r, 1, MPI_COMM_WORLD);
			}
		}
		CHECK_INT(MPI_Barrier(MPI_COMM_WORLD), MPI_SUCCESS);
		if (corpus_rank != late) {
			int flag = 0;

			while (!flag) /* a synchronous send has returned, so the message is matched
				       */
				MPI_Test(&request, &flag, MPI_STATUS_IGNORE);
			CHECK_INT(token, corpus_value(corpus_rank, round, 0));
			corpus_add_int(token);
		}
	}
	return corpus_finish();
}
