/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_PROC_NULL as source and destination of every kind of call: at once, empty, with its status.
 *
 * corpus: ranks=1,3
 */
#include "corpus.h"

static void check_null_status(const MPI_Status *status)
{
	int count;

	CHECK_INT(status->MPI_SOURCE, MPI_PROC_NULL);
	CHECK_INT(status->MPI_TAG, MPI_ANY_TAG);
	MPI_Get_count(status, MPI_INT, &count);
	CHECK_INT(count, 0);
}

int main(int argc, char **argv)
{
	int data = 7, in = -1, flag;
	MPI_Request request;
	MPI_Status status;

	corpus_init(&argc, &argv);
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Send(&data, 1, MPI_INT, MPI_PROC_NULL, 0, MPI_COMM_WORLD);
		MPI_Ssend(&data, 1, MPI_INT, MPI_PROC_NULL, 0, MPI_COMM_WORLD);
		MPI_Rsend(&data, 1, MPI_INT, MPI_PROC_NULL, 0, MPI_COMM_WORLD);
		MPI_Recv(&in, 1, MPI_INT, MPI_PROC_NULL, 0, MPI_COMM_WORLD, &status);
		check_null_status(&status);
		MPI_Irecv(&in, 1, MPI_INT, MPI_PROC_NULL, MPI_ANY_TAG, MPI_COMM_WORLD, &request);
		MPI_Wait(&request, &status);
		check_null_status(&status);
		MPI_Issend(&data, 1, MPI_INT, MPI_PROC_NULL, 0, MPI_COMM_WORLD, &request);
		MPI_Test(&request, &flag, MPI_STATUS_IGNORE);
		CHECK_INT(flag, 1);
		MPI_Probe(MPI_PROC_NULL, 0, MPI_COMM_WORLD, &status);
		check_null_status(&status);
		MPI_Iprobe(MPI_PROC_NULL, 0, MPI_COMM_WORLD, &flag, &status);
		CHECK_INT(flag, 1);
		check_null_status(&status);
		/* the ends of an open chain */
		int left = corpus_rank > 0 ? corpus_rank - 1 : MPI_PROC_NULL;
		int right = corpus_rank < corpus_size - 1 ? corpus_rank + 1 : MPI_PROC_NULL;
		int mine = corpus_value(corpus_rank, round, 0);
		in = -1;
		MPI_Sendrecv(&mine, 1, MPI_INT, right, 1, &in, 1, MPI_INT, left, 1, MPI_COMM_WORLD,
			     &status);
		CHECK_INT(status.MPI_SOURCE, left);
		CHECK_INT(in, left == MPI_PROC_NULL ? -1 : corpus_value(left, round, 0));
		corpus_add_int(in);
	}
	return corpus_finish();
}
