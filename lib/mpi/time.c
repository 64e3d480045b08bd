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

double rf_MPI_Wtime(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (__builtin_expect(origin.tv_sec == 0 && origin.tv_nsec == 0, 0))
		origin = now;
	return (double)(now.tv_sec - origin.tv_sec) +
	       (double)(now.tv_nsec - origin.tv_nsec) / 1.0e9;
}

void rf_time_continue(double elapsed)
{
	long seconds = (long)elapsed, nanoseconds = (long)((elapsed - (double)seconds) * 1.0e9);

	clock_gettime(CLOCK_MONOTONIC, &origin);
	origin.tv_sec -= seconds;
	origin.tv_nsec -= nanoseconds;
	if (origin.tv_nsec < 0) {
		origin.tv_nsec += 1000000000;
		origin.tv_sec--;
	}
}

double rf_MPI_Wtick(void)
{
	struct timespec tick;

	if (clock_getres(CLOCK_MONOTONIC, &tick))
		return 1.0e-9;
	return (double)tick.tv_sec + (double)tick.tv_nsec * 1.0e-9;
}
