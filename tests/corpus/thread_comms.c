/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Each thread has a communicator of its own and runs collectives on it.
 *
 * corpus: ranks=1,2,4
 * corpus: flags=-pthread
 */
#include "corpus.h"
#include <pthread.h>

enum { THREADS = 3, CALLS = 40 };

static MPI_Comm comms[THREADS];
static uint64_t sums[THREADS];

static void *collect(void *argument)
{
	int t = (int)(intptr_t)argument;

	for (long round = 0; round < corpus_rounds; round++)
		for (int c = 0; c < CALLS; c++) {
			int mine = corpus_value(corpus_rank + t, round, c), sum, want = 0, all[64];
			MPI_Comm part;

			for (int r = 0; r < corpus_size; r++)
				want += corpus_value(r + t, round, c);
			MPI_Allreduce(&mine, &sum, 1, MPI_INT, MPI_SUM, comms[t]);
			CHECK_INT(sum, want);
			MPI_Allgather(&mine, 1, MPI_INT, all, 1, MPI_INT, comms[t]);
			for (int r = 0; r < corpus_size; r++)
				CHECK_INT(all[r], corpus_value(r + t, round, c));
			sums[t] = sums[t] * 31 + (unsigned)sum;
			if (c % 10)
				continue;
			MPI_Comm_split(comms[t], corpus_rank % 2, 0, &part);
			MPI_Barrier(part);
			MPI_Comm_free(&part);
		}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[THREADS];
	int provided;

	MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &provided);
	corpus_start();
	for (int t = 0; t < THREADS; t++)
		MPI_Comm_dup(MPI_COMM_WORLD, &comms[t]);
	for (int t = 0; t < THREADS; t++)
		pthread_create(&threads[t], NULL, collect, (void *)(intptr_t)t);
	for (int t = 0; t < THREADS; t++)
		pthread_join(threads[t], NULL);
	for (int t = 0; t < THREADS; t++)
		MPI_Comm_free(&comms[t]);
	corpus_add(sums, sizeof(sums));
	return corpus_finish();
}
