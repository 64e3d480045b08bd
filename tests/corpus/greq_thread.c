/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Generalized requests that a thread completes while the main thread waits for them.
 *
 * corpus: ranks=1,2
 * corpus: libs=-pthread
 */
#include "corpus.h"
#include <pthread.h>

#define MANY 20

struct work {
	MPI_Request request;
	pthread_t thread;
	int index, result, freed;
};

static int query(void *state, MPI_Status *status)
{
	struct work *work = state;

	MPI_Status_set_elements(status, MPI_BYTE, work->result);
	MPI_Status_set_cancelled(status, 0);
	status->MPI_SOURCE = MPI_UNDEFINED;
	status->MPI_TAG = work->index;
	return MPI_SUCCESS;
}

static int release(void *state)
{
	((struct work *)state)->freed++;
	return MPI_SUCCESS;
}

static int cancel(void *state, int complete)
{
	(void)state, (void)complete;
	return MPI_SUCCESS;
}

static void *compute(void *arg)
{
	struct work *work = arg;

	for (int i = 0; i < 1000; i++)
		work->result = corpus_value(work->index, i, 0) % 1000;
	MPI_Grequest_complete(work->request);
	return NULL;
}

int main(int argc, char **argv)
{
	static struct work works[MANY];
	MPI_Request requests[MANY];
	MPI_Status statuses[MANY];
	int provided, count;

	MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &provided);
	CHECK_INT(provided, MPI_THREAD_MULTIPLE);
	corpus_start();
	for (long round = 0; round < corpus_rounds; round++) {
		for (int i = 0; i < MANY; i++) {
			works[i] = (struct work){.index = i};
			MPI_Grequest_start(query, release, cancel, &works[i], &works[i].request);
			requests[i] = works[i].request;
		}
		for (int i = 0; i < MANY; i++)
			CHECK_INT(pthread_create(&works[i].thread, NULL, compute, &works[i]), 0);
		MPI_Waitall(MANY, requests, statuses);
		for (int i = 0; i < MANY; i++) {
			CHECK_INT(pthread_join(works[i].thread, NULL), 0);
			MPI_Get_elements(&statuses[i], MPI_BYTE, &count);
			CHECK_INT(count, corpus_value(i, 999, 0) % 1000);
			CHECK_INT(statuses[i].MPI_TAG, i);
			CHECK_INT(works[i].freed, 1);
			corpus_add_int(count);
		}
	}
	return corpus_finish();
}
