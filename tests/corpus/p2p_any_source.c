/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A master that takes work from anybody (MPI_ANY_SOURCE) and answers whoever asked.
 *
 * corpus: ranks=2,4
 */
#include "corpus.h"

enum { TASKS = 200, WORK = 1, STOP = 2, ASK = 3, RESULT = 4 };

static void master(long round)
{
	long long sum = 0, want = 0;
	int left = corpus_size - 1, next = 0, done = 0, value;
	MPI_Status status;

	while (left > 0) {
		MPI_Recv(&value, 1, MPI_INT, MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &status);
		if (status.MPI_TAG == RESULT) {
			sum += value;
			done++;
			continue;
		}
		CHECK_INT(status.MPI_TAG, ASK);
		CHECK_INT(value, status.MPI_SOURCE);
		if (next < TASKS) {
			MPI_Send(&next, 1, MPI_INT, status.MPI_SOURCE, WORK, MPI_COMM_WORLD);
			next++;
		} else {
			MPI_Send(NULL, 0, MPI_INT, status.MPI_SOURCE, STOP, MPI_COMM_WORLD);
			left--;
		}
	}
	for (int i = 0; i < TASKS; i++)
		want += corpus_value(0, round, i);
	CHECK_INT(done, TASKS);
	CHECK_INT(sum, want);
	corpus_add_int(sum);
}

static void worker(long round)
{
	MPI_Status status;
	int task, result;

	for (;;) {
		MPI_Send(&corpus_rank, 1, MPI_INT, 0, ASK, MPI_COMM_WORLD);
		MPI_Recv(&task, 1, MPI_INT, 0, MPI_ANY_TAG, MPI_COMM_WORLD, &status);
		if (status.MPI_TAG == STOP)
			return;
		result = corpus_value(0, round, task);
		MPI_Send(&result, 1, MPI_INT, 0, RESULT, MPI_COMM_WORLD);
	}
}

int main(int argc, char **argv)
{
	corpus_init(&argc, &argv);
	for (long round = 0; round < corpus_rounds; round++) {
		if (corpus_rank == 0)
			master(round);
		else
			worker(round);
		MPI_Barrier(MPI_COMM_WORLD);
	}
	return corpus_finish();
}
