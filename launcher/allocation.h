/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The allocation of a batch system in which a job runs: Slurm's. mpirun takes hosts and slots from
 * the environment there, and starts its daemons by a job step (jobstep.h).
 */
#ifndef RF_LAUNCHER_ALLOCATION_H
#define RF_LAUNCHER_ALLOCATION_H

#include "util/error.h"
#include "util/hostlist.h"

/* Its hosts, for the caller; NULL and `err` (code 0: this is no allocation). */
struct rf_hostlist *rf_allocation_hosts(struct rf_error *err);

/*
 * For an mpirun whose rank N is to run on host[N], sets in this process's environment that daemons
 * are started on those hosts only, and do not wait for what the job's other steps hold. Does
 * nothing where there is no allocation. -1: a host does not belong to it.
 */
int rf_allocation_narrow(char *const host[], unsigned ranks, struct rf_error *err);

#endif
