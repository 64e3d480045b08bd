/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Big thread-local storage in the program, in a library linked with it and in one loaded late, in
 * several threads that call MPI.
 *
 * corpus: ranks=2
 * corpus: flags=-pthread
 * corpus: link=tls_library
 * corpus: so=tls_library
 */
#include "corpus.h"
#include <pthread.h>

enum { THREADS = 3, SIZE = 50000 };

int *tls_counter(void);

static __thread int first = 11, block[SIZE], last = 13;
static __thread _Alignas(64) char aligned[64] = "aligned";
static int results[THREADS + 1];

static void *use(void *argument)
{
	int t = (int)(intptr_t)argument, peer = 1 - corpus_rank;

	CHECK(first == 11 && last == 13 && block[SIZE - 1] == 0 && tls_counter()[0] == 7);
	CHECK_STR(aligned, "aligned");
	CHECK_INT((uintptr_t)aligned % 64, 0);
	for (long round = 0; round < corpus_rounds; round++) {
		corpus_fill(block, SIZE, corpus_rank + t, round);
		MPI_Sendrecv_replace(block, SIZE, MPI_INT, peer, t, peer, t, MPI_COMM_WORLD,
				     MPI_STATUS_IGNORE);
		for (int i = 0; i < SIZE; i++)
			CHECK_INT(block[i], corpus_value(peer + t, round, i));
		tls_counter()[0]++;
		tls_counter()[499] += t;
		results[t] += block[17];
	}
	CHECK(first == 11 && last == 13);
	CHECK_INT(tls_counter()[0], 7 + corpus_rounds);
	CHECK_INT(tls_counter()[499], t * corpus_rounds);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[THREADS];
	int provided;

	MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &provided);
	corpus_start();
	for (int t = 0; t < THREADS; t++)
		pthread_create(&threads[t], NULL, use, (void *)(intptr_t)t);
	use((void *)(intptr_t)THREADS);
	for (int t = 0; t < THREADS; t++)
		pthread_join(threads[t], NULL);
	corpus_add(results, sizeof(results));
	return corpus_finish();
}
