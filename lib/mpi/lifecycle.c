/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "mpi/lifecycle.h"

#include <pthread.h>
#include <signal.h>

#include "mpi/attribute.h"
#include "mpi/collective.h"
#include "mpi/fortran.h"
#include "mpi/parting.h"
#include "mpi/quiesce_points.h"
#include "mpi/reach.h"
#include "mpi/shim.h"
#include "mpi/start.h"

#define PARTING_MS 10000 /* for the engine before this one, if it has not ended yet */

static enum rf_life life;

enum rf_life rf_life(void)
{
	return __atomic_load_n(&life, __ATOMIC_ACQUIRE);
}

/*
 * The threads that MPI_Init starts inherit the signal mask. They are the engine's: a handler of the
 * application must never run on them.
 */
static void block_signals(sigset_t *old)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, old);
}

/* The end of both ways to start. */
static int started(int rc)
{
	if (rc != MPI_SUCCESS)
		return rf_error_deliver(rc);
	if (rf_shim_number_objects())
		rf_shim_die("out of memory for Fortran's handles");
	rf_attr_start();
	rf_fortran_start();
	if (rf_reach_watch())
		rf_shim_die("Open MPI's progress loop takes no callback");
	__atomic_store_n(&life, RF_LIFE_RUNNING, __ATOMIC_RELEASE);
	rf_points_join();
	return MPI_SUCCESS;
}

int rf_MPI_Init(int *argc, char ***argv)
{
	sigset_t old;
	int rc;

	block_signals(&old);
	RF_CALL(rc, MPI_Init(argc, argv));
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return started(rc);
}

int rf_MPI_Init_thread(int *argc, char ***argv, int required, int *provided)
{
	sigset_t old;
	int rc;

	block_signals(&old);
	RF_CALL(rc, MPI_Init_thread(argc, argv, required, provided));
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return started(rc);
}

/*
 * Attributes are deleted here, because the engine knows none: those of MPI_COMM_SELF first (MPI-3.1
 * 8.7.1), those of MPI_COMM_WORLD as Open MPI does. Until then MPI_Finalized() says no. An earlier
 * engine must be gone before the link is: the keeper's slot of it may end from then on.
 */
int rf_MPI_Finalize(void)
{
	int rc;

	if (rf_life() == RF_LIFE_RUNNING) {
		rf_parting_end(PARTING_MS);
		rf_attr_delete_all(rf_app(ompi_mpi_comm_self));
		rf_attr_delete_all(rf_app(ompi_mpi_comm_world));
	}
	RF_BEGIN_COLLECTIVE(rf_app(ompi_mpi_comm_world));
	if (rf_life() == RF_LIFE_RUNNING) {
		__atomic_store_n(&life, RF_LIFE_AFTER, __ATOMIC_RELEASE);
		rf_points_leave();
	}
	RF_ENGINE(rc, MPI_Finalize());
	RF_END();
	return rc == MPI_SUCCESS ? rc : rf_error_deliver(rc);
}

/* Both may be called at any time, also in a child made by fork(), where there is no engine. */
int rf_MPI_Initialized(int *flag)
{
	int rc;

	if (flag) {
		*flag = rf_life() != RF_LIFE_BEFORE;
		return MPI_SUCCESS;
	}
	RF_CALL(rc, MPI_Initialized(NULL));
	return rf_error_deliver(rc);
}

int rf_MPI_Finalized(int *flag)
{
	int rc;

	if (flag) {
		*flag = rf_life() == RF_LIFE_AFTER;
		return MPI_SUCCESS;
	}
	RF_CALL(rc, MPI_Finalized(NULL));
	return rf_error_deliver(rc);
}

int rf_MPI_Abort(MPI_Comm comm, int errorcode)
{
	int rc;

	RF_CALL(rc, MPI_Abort(rf_real(comm), errorcode));
	return rc;
}
