/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Thread-specific data: hundreds of keys in several threads keep their values over MPI calls, and
 * the destructors run with them when a thread ends.
 *
 * corpus: ranks=2
 * corpus: flags=-pthread
 */
#include "corpus.h"
#include <pthread.h>

enum { KEYS = 400, THREADS = 3 };

static pthread_key_t keys[KEYS];
static int destroyed;

static void destroy(void *value)
{
	__atomic_add_fetch(&destroyed, (intptr_t)value % 1000 < KEYS, __ATOMIC_RELAXED);
}

static void *use(void *argument)
{
	int t = (int)(intptr_t)argument, in;

	for (int k = 0; k < KEYS; k++) {
		CHECK(pthread_getspecific(keys[k]) == NULL);
		pthread_setspecific(keys[k], (void *)(intptr_t)(t * 1000 + k + 1000));
	}
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Sendrecv(&t, 1, MPI_INT, 1 - corpus_rank, t, &in, 1, MPI_INT, 1 - corpus_rank,
			     t, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		CHECK_INT(in, t);
		for (int k = 0; k < KEYS; k++)
			CHECK_INT((intptr_t)pthread_getspecific(keys[k]), t * 1000 + k + 1000);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[THREADS];
	int provided;

	for (int k = 0; k < KEYS / 2; k++) /* half of the keys are older than MPI */
		CHECK_INT(pthread_key_create(&keys[k], destroy), 0);
	MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &provided);
	corpus_start();
	for (int k = KEYS / 2; k < KEYS; k++)
		CHECK_INT(pthread_key_create(&keys[k], destroy), 0);
	for (int t = 0; t < THREADS; t++)
		pthread_create(&threads[t], NULL, use, (void *)(intptr_t)t);
	for (int t = 0; t < THREADS; t++)
		pthread_join(threads[t], NULL);
	CHECK_INT(destroyed, THREADS * KEYS);
	corpus_add_int(destroyed);
	return corpus_finish();
}
