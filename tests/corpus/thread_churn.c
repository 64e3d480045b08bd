/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Threads come and go all the time; each makes a few MPI calls in its short life.
 *
 * corpus: ranks=2,3
 * corpus: flags=-pthread
 */
#include "corpus.h"
#include <pthread.h>

enum { WAVES = 60, WIDTH = 3 };

static __thread int calls;
static __thread char scratch[5000];
static int done[WIDTH];

static void *live(void *argument)
{
	int t = (int)(intptr_t)argument, out = corpus_rank * 10 + t, in;
	int next = (corpus_rank + 1) % corpus_size;
	int prev = (corpus_rank + corpus_size - 1) % corpus_size;

	CHECK_INT(calls, 0); /* thread-local storage starts fresh */
	CHECK_INT(scratch[4999], 0);
	memset(scratch, t + 1, sizeof(scratch));
	for (int i = 0; i < 3; i++) {
		MPI_Sendrecv(&out, 1, MPI_INT, next, t, &in, 1, MPI_INT, prev, t, MPI_COMM_WORLD,
			     MPI_STATUS_IGNORE);
		CHECK_INT(in, prev * 10 + t);
		CHECK_INT(++calls, i + 1);
	}
	CHECK_INT(scratch[2500], t + 1);
	done[t] += in;
	return (void *)(intptr_t)calls;
}

int main(int argc, char **argv)
{
	pthread_t threads[WIDTH];
	int provided;
	void *result;

	MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &provided);
	corpus_start();
	for (long wave = 0; wave < corpus_rounds * WAVES; wave++) {
		for (int t = 0; t < WIDTH; t++)
			pthread_create(&threads[t], NULL, live, (void *)(intptr_t)t);
		for (int t = 0; t < WIDTH; t++) {
			pthread_join(threads[t], &result);
			CHECK_INT((intptr_t)result, 3);
		}
	}
	corpus_add(done, sizeof(done));
	return corpus_finish();
}
