/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Comm_idup: the new communicator is used after its request has completed, and not before;
 * other traffic goes on meanwhile.
 *
 * corpus: ranks=1,2,4
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	MPI_Comm first, second;
	MPI_Request requests[2];
	int sum, one = 1, result;

	corpus_init(&argc, &argv);
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Comm_idup(MPI_COMM_WORLD, &first, &requests[0]);
		MPI_Allreduce(&one, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
		CHECK_INT(sum, corpus_size);
		MPI_Wait(&requests[0], MPI_STATUS_IGNORE);
		MPI_Comm_idup(first, &second, &requests[1]);
		int flag = 0;
		while (!flag)
			MPI_Test(&requests[1], &flag, MPI_STATUS_IGNORE);
		MPI_Comm_compare(first, second, &result);
		CHECK_INT(result, MPI_CONGRUENT);
		int mine = corpus_value(corpus_rank, round, 0), in = -1;
		MPI_Sendrecv(&mine, 1, MPI_INT, (corpus_rank + 1) % corpus_size, 0, &in, 1, MPI_INT,
			     (corpus_rank + corpus_size - 1) % corpus_size, 0, second,
			     MPI_STATUS_IGNORE);
		CHECK_INT(in,
			  corpus_value((corpus_rank + corpus_size - 1) % corpus_size, round, 0));
		MPI_Scan(&in, &sum, 1, MPI_INT, MPI_SUM, first);
		corpus_add_int(sum);
		MPI_Comm_free(&first);
		MPI_Comm_free(&second);
	}
	return corpus_finish();
}
