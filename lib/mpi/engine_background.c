/* SPDX-License-Identifier: BSD-3-Clause */
#include <ompi_config.h>

#include <mpi.h>
#include <pthread.h>

#include <ompi/runtime/mpiruntime.h>
#include <opal/threads/threads.h>

#include "mpi/background.h"

static void *finalize(void *arg)
{
	struct rf_background *report = arg;

	report->rc = MPI_Finalize();
	__atomic_store_n(&report->done, 1, __ATOMIC_RELEASE);
	return NULL;
}

static void *init(void *arg)
{
	struct rf_background *report = arg;

	report->rc = MPI_Init_thread(NULL, NULL, report->level, &report->level);
	__atomic_store_n(&report->done, 1, __ATOMIC_RELEASE);
	return NULL;
}

static int start(void *(*function)(void *), struct rf_background *report)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, function, report))
		return -1;
	pthread_detach(thread);
	return 0;
}

int rf_background_finalize(struct rf_background *report)
{
	return start(finalize, report);
}

int rf_background_init(int level, struct rf_background *report)
{
	report->level = level;
	return start(init, report);
}

int rf_background_claim(void)
{
	ompi_mpi_main_thread->t_handle = pthread_self();
	return 0;
}
