/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What other load does to a job's ranks on this host, and how its memory and hardware are.
 *
 * Ranks wait for messages by looking for them all the time, so how much CPU time they use says
 * nothing. What is measured is how long they had to wait for a CPU while they wanted one (the
 * scheduler's statistics of each thread), and how much others have used of the CPUs that the job
 * may use: what these have used beyond the ranks. Where a CPU is short each who wants it gets the
 * same share, so others want what they have used, divided by the share that ranks get.
 *
 * A rank that gives way while it waits (mpi_yield_when_idle) gets less than its share; so the one
 * counts that has got most of what it wanted, and never more others than there were processes that
 * could run.
 */
#ifndef RF_LAUNCHER_GAUGE_H
#define RF_LAUNCHER_GAUGE_H

#include <stdint.h>
#include <sys/types.h>

#include "load.h"

struct rf_gauge;

/* A rank's process. */
struct rf_gauge_rank {
	int rank;
	pid_t pid;
};

/*
 * `proc` and `sys` are the paths of these file systems; %h in `sys` stands for the host's name.
 * NULL: no memory.
 */
struct rf_gauge *rf_gauge_create(const char *proc, const char *sys);

/*
 * All since the last call, at `now_us`; without one the CPUs are not known. To be cleared. -1: no
 * memory. What can not be read is not known.
 */
int rf_gauge_read(struct rf_gauge *gauge, int64_t now_us, const struct rf_gauge_rank *rank,
		  unsigned ranks, struct rf_load *load);

/* NULL is allowed. */
void rf_gauge_destroy(struct rf_gauge *gauge);

/* How hot and how sound the hardware is: corrected, uncorrected and heat (sensors.c). */
void rf_sensors_read(const char *sys, struct rf_load *load);

#endif
