/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Four threads of each rank exchange messages at once, each with its own tag.
 *
 * corpus: ranks=1,2,4
 * corpus: flags=-pthread
 */
#include "corpus.h"
#include <pthread.h>

enum { THREADS = 4, MESSAGES = 60, N = 200 };

static uint64_t sums[THREADS];

static void *exchange(void *argument)
{
	int t = (int)(intptr_t)argument, out[N], in[N];
	int next = (corpus_rank + 1) % corpus_size;
	int prev = (corpus_rank + corpus_size - 1) % corpus_size;
	MPI_Status status;

	for (long round = 0; round < corpus_rounds; round++)
		for (int m = 0; m < MESSAGES; m++) {
			int n = 1 + (m * 31 + t * 7) % N;

			corpus_fill(out, n, corpus_rank * THREADS + t, round * MESSAGES + m);
			MPI_Sendrecv(out, n, MPI_INT, next, t, in, N, MPI_INT, prev, t,
				     MPI_COMM_WORLD, &status);
			CHECK_INT(status.MPI_TAG, t);
			for (int i = 0; i < n; i++) {
				CHECK_INT(in[i], corpus_value(prev * THREADS + t,
							      round * MESSAGES + m, i));
				sums[t] = sums[t] * 31 + (unsigned)in[i];
			}
		}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[THREADS];
	int provided;

	MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &provided);
	CHECK_INT(provided, MPI_THREAD_MULTIPLE);
	corpus_start();
	for (int t = 0; t < THREADS; t++)
		pthread_create(&threads[t], NULL, exchange, (void *)(intptr_t)t);
	for (int t = 0; t < THREADS; t++)
		pthread_join(threads[t], NULL);
	corpus_add(sums, sizeof(sums));
	return corpus_finish();
}
