/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Only the main thread calls MPI (MPI_THREAD_FUNNELED) while others compute on the data between.
 *
 * corpus: ranks=1,2,4
 * corpus: flags=-pthread
 */
#include "corpus.h"
#include <pthread.h>

enum { THREADS = 3, N = 3000 };

static pthread_barrier_t gate;
static int data[THREADS][N], stop;
static __thread long turns;

static void *compute(void *argument)
{
	int t = (int)(intptr_t)argument, is_main;

	MPI_Is_thread_main(&is_main);
	CHECK_INT(is_main, 0);
	for (;;) {
		pthread_barrier_wait(&gate);
		if (stop)
			return (void *)turns;
		for (int i = 0; i < N; i++)
			data[t][i] = data[t][i] / 3 + 1;
		turns++;
		pthread_barrier_wait(&gate);
	}
}

int main(int argc, char **argv)
{
	pthread_t threads[THREADS];
	int provided;

	MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
	CHECK(provided >= MPI_THREAD_FUNNELED);
	corpus_start();
	pthread_barrier_init(&gate, NULL, THREADS + 1);
	for (int t = 0; t < THREADS; t++)
		pthread_create(&threads[t], NULL, compute, (void *)(intptr_t)t);
	for (long round = 0; round < corpus_rounds * 5; round++) {
		for (int t = 0; t < THREADS; t++)
			corpus_fill(data[t], N, t, round + corpus_rank);
		pthread_barrier_wait(&gate);
		pthread_barrier_wait(&gate);
		MPI_Allreduce(MPI_IN_PLACE, data, THREADS * N, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
		for (int t = 0; t < THREADS; t++)
			for (int i = 0; i < N; i++) {
				int want = 0;

				for (int r = 0; r < corpus_size; r++)
					want += corpus_value(t, round + r, i) / 3 + 1;
				CHECK_INT(data[t][i], want);
			}
		corpus_add(data, sizeof(data));
	}
	stop = 1;
	pthread_barrier_wait(&gate);
	for (int t = 0; t < THREADS; t++) {
		void *result;

		pthread_join(threads[t], &result);
		CHECK_INT((intptr_t)result, corpus_rounds * 5);
	}
	return corpus_finish();
}
