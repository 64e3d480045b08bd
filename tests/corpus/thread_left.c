/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Threads that sleep or wait in a condition variable are still there when MPI_Finalize and the end
 * of main come.
 *
 * corpus: ranks=1,2
 * corpus: flags=-pthread
 */
#include "corpus.h"
#include <pthread.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
static int started;

static void *sleep_on(void *argument)
{
	int size;

	MPI_Comm_size(MPI_COMM_WORLD, &size);
	CHECK_INT(size, corpus_size);
	pthread_mutex_lock(&mutex);
	started++;
	while (argument == NULL)
		pthread_cond_wait(&never, &mutex);
	pthread_mutex_unlock(&mutex);
	sleep(1000);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	int provided, ready = 0;

	MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &provided);
	corpus_start();
	for (int t = 0; t < 4; t++) {
		pthread_create(&thread, NULL, sleep_on, t % 2 ? &ready : NULL);
		pthread_detach(thread);
	}
	while (ready < 4) {
		usleep(1000);
		pthread_mutex_lock(&mutex);
		ready = started;
		pthread_mutex_unlock(&mutex);
	}
	for (long round = 0; round < corpus_rounds; round++) {
		int sum = corpus_value(corpus_rank, round, 0);

		MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
		corpus_add_int(sum);
	}
	return corpus_finish();
}
