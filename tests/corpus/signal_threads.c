/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Threads in MPI calls are hit by signals that another thread directs at them.
 *
 * corpus: ranks=2
 * corpus: flags=-pthread
 */
#include "corpus.h"
#include <pthread.h>
#include <signal.h>

enum { THREADS = 3, MESSAGES = 200 };

static __thread volatile long hits;
static __thread char pattern[3000];
static int finished;
static long total_hits;

static void on_signal(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	CHECK(context != NULL);
	CHECK_INT(info->si_pid, getpid());
	hits++;
	for (int i = 0; i < 3000; i += 100) /* this thread's own, and no other's */
		CHECK(pattern[i] == pattern[0]);
}

static void *exchange(void *argument)
{
	int t = (int)(intptr_t)argument, peer = 1 - corpus_rank, value, in;

	memset(pattern, t + 1, sizeof(pattern));
	for (long m = 0; m < MESSAGES * corpus_rounds; m++) {
		value = corpus_value(corpus_rank + t, m, 0);
		MPI_Sendrecv(&value, 1, MPI_INT, peer, t, &in, 1, MPI_INT, peer, t, MPI_COMM_WORLD,
			     MPI_STATUS_IGNORE);
		CHECK_INT(in, corpus_value(peer + t, m, 0));
		CHECK_INT(pattern[1500], t + 1);
	}
	__atomic_add_fetch(&total_hits, hits, __ATOMIC_SEQ_CST);
	__atomic_add_fetch(&finished, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&finished, __ATOMIC_SEQ_CST) <= THREADS)
		usleep(200); /* alive until nobody sends it signals any more */
	return NULL;
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART};
	pthread_t threads[THREADS];
	int provided;

	MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &provided);
	corpus_start();
	sigaction(SIGUSR2, &action, NULL);
	for (int t = 0; t < THREADS; t++)
		pthread_create(&threads[t], NULL, exchange, (void *)(intptr_t)t);
	while (__atomic_load_n(&finished, __ATOMIC_SEQ_CST) < THREADS) {
		for (int t = 0; t < THREADS; t++)
			pthread_kill(threads[t], SIGUSR2);
		usleep(100);
	}
	__atomic_add_fetch(&finished, 1, __ATOMIC_SEQ_CST);
	for (int t = 0; t < THREADS; t++)
		pthread_join(threads[t], NULL);
	CHECK(total_hits > 0);
	corpus_add_int(THREADS);
	return corpus_finish();
}
