/* SPDX-License-Identifier: BSD-3-Clause */
#include "mpi/background.h"

#include <mpi.h>
#include <pthread.h>

static void *finalize(void *arg)
{
	struct rf_background *report = arg;

	report->rc = MPI_Finalize();
	__atomic_store_n(&report->done, 1, __ATOMIC_RELEASE);
	return NULL;
}

int rf_background_finalize(struct rf_background *report)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, finalize, report))
		return -1;
	pthread_detach(thread);
	return 0;
}
