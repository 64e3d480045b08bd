/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The allocation of a batch system in which a job runs: Slurm's. mpirun takes hosts and slots from
 * the environment there, and starts its daemons by a job step (srun).
 */
#ifndef RF_LAUNCHER_ALLOCATION_H
#define RF_LAUNCHER_ALLOCATION_H

#include <stdbool.h>

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

/* Is this process in a job step that Slurm ends as a whole, with all that was started in it, when
 * that mpirun ends? So it is with cgroups (ProctrackType), for all hosts but that of the batch
 * script. */
bool rf_allocation_in_step(void);

/* Becomes, by srun, `argv` in a step of its own on this host, which ends when that does; its
 * standard output is that of srun. Returns only if there is no srun. */
void rf_allocation_become_step(char *const argv[]);

#endif
