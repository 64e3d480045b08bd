/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Iprobe polls until a message is there, and says no when there is none.
 *
 * corpus: ranks=2,3
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	int data[64], flag, count;
	MPI_Status status;

	corpus_init(&argc, &argv);
	int next = (corpus_rank + 1) % corpus_size;
	int prev = (corpus_rank + corpus_size - 1) % corpus_size;

	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Iprobe(MPI_ANY_SOURCE, 5, MPI_COMM_WORLD, &flag, MPI_STATUS_IGNORE);
		CHECK_INT(flag, 0);
		MPI_Barrier(MPI_COMM_WORLD);
		corpus_fill(data, 64, corpus_rank, round);
		MPI_Send(data, 64, MPI_INT, next, 5, MPI_COMM_WORLD);
		do
			MPI_Iprobe(prev, 5, MPI_COMM_WORLD, &flag, &status);
		while (!flag);
		CHECK_INT(status.MPI_SOURCE, prev);
		CHECK_INT(status.MPI_TAG, 5);
		MPI_Get_count(&status, MPI_INT, &count);
		CHECK_INT(count, 64);
		/* another tag, or another communicator, is not this message */
		MPI_Iprobe(prev, 6, MPI_COMM_WORLD, &flag, MPI_STATUS_IGNORE);
		CHECK_INT(flag, 0);
		MPI_Iprobe(0, 5, MPI_COMM_SELF, &flag, MPI_STATUS_IGNORE);
		CHECK_INT(flag, 0);
		MPI_Recv(data, 64, MPI_INT, prev, 5, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		corpus_expect(data, 64, prev, round);
	}
	return corpus_finish();
}
