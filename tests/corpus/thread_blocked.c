/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One thread blocks in MPI_Recv, MPI_Probe or MPI_Barrier while another makes progress and, at the
 * end, sets it free.
 *
 * corpus: ranks=2
 * corpus: flags=-pthread
 * corpus: unsteady=plain mpirun fails too
 */
#include "corpus.h"
#include <pthread.h>

enum { STOP = 9 };

static MPI_Comm service;
static long served;

static void *serve(void *unused)
{
	(void)unused;
	for (;;) {
		MPI_Status status;
		int value;

		MPI_Probe(MPI_ANY_SOURCE, MPI_ANY_TAG, service, &status);
		MPI_Recv(&value, 1, MPI_INT, status.MPI_SOURCE, status.MPI_TAG, service,
			 MPI_STATUS_IGNORE);
		if (status.MPI_TAG == STOP)
			break;
		value = value * 2 + 1;
		MPI_Send(&value, 1, MPI_INT, status.MPI_SOURCE, 1, MPI_COMM_WORLD);
		served++;
	}
	MPI_Barrier(service);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	int provided, value;

	MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &provided);
	corpus_start();
	MPI_Comm_dup(MPI_COMM_WORLD, &service);
	pthread_create(&thread, NULL, serve, NULL);
	int peer = 1 - corpus_rank;

	for (long round = 0; round < corpus_rounds * 30; round++) {
		value = corpus_value(corpus_rank, round, 0);
		MPI_Send(&value, 1, MPI_INT, peer, 2, service);
		MPI_Recv(&value, 1, MPI_INT, peer, 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		CHECK_INT(value, corpus_value(corpus_rank, round, 0) * 2 + 1);
		corpus_add_int(value);
	}
	MPI_Send(NULL, 0, MPI_INT, peer, STOP, service);
	pthread_join(thread, NULL);
	CHECK_INT(served, corpus_rounds * 30);
	MPI_Comm_free(&service);
	return corpus_finish();
}
