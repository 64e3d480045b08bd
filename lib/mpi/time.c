/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Wtime is the application half's own: it costs one call of the vDSO as natively, works before
 * MPI_Init, and goes on without a jump when the rank gets another engine. As in Open MPI, time
 * counts from the first call. A restored process has another clock, and the time that it was away
 * does not count.
 */
#include <time.h>

#include "mpi/shim.h"
#include "mpi/time.h"

static struct timespec origin;
static unsigned changes; /* of origin; odd: there is one just now */

static double since(const struct timespec *now)
{
	return (double)(now->tv_sec - origin.tv_sec) +
	       (double)(now->tv_nsec - origin.tv_nsec) / 1.0e9;
}

/* A thread may be stopped between reading the clock and the origin, and go on in another process,
 * whose clock and origin are others. */
double rf_MPI_Wtime(void)
{
	struct timespec now;
	unsigned before;
	double elapsed;

	do {
		before = __atomic_load_n(&changes, __ATOMIC_ACQUIRE);
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (__builtin_expect(origin.tv_sec == 0 && origin.tv_nsec == 0, 0))
			origin = now;
		elapsed = since(&now);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while (__builtin_expect(
		before % 2 || __atomic_load_n(&changes, __ATOMIC_RELAXED) != before, 0));
	return elapsed;
}

void rf_time_continue(double elapsed)
{
	long seconds = (long)elapsed, nanoseconds = (long)((elapsed - (double)seconds) * 1.0e9);
	struct timespec begin;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	begin.tv_sec -= seconds;
	begin.tv_nsec -= nanoseconds;
	if (begin.tv_nsec < 0) {
		begin.tv_nsec += 1000000000;
		begin.tv_sec--;
	}
	__atomic_add_fetch(&changes, 1, __ATOMIC_ACQ_REL);
	origin = begin;
	__atomic_add_fetch(&changes, 1, __ATOMIC_RELEASE);
}

double rf_MPI_Wtick(void)
{
	struct timespec tick;

	if (clock_getres(CLOCK_MONOTONIC, &tick))
		return 1.0e-9;
	return (double)tick.tv_sec + (double)tick.tv_nsec * 1.0e-9;
}
