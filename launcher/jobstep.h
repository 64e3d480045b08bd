/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Job steps of Slurm's: what srun starts, on any number of hosts. Only libc: each rank's slot has
 * it.
 */
#ifndef RF_LAUNCHER_JOBSTEP_H
#define RF_LAUNCHER_JOBSTEP_H

#include <stdbool.h>

/* Is this process in a job step that Slurm ends as a whole, with all that was started in it, when
 * that mpirun ends? So it is with cgroups (ProctrackType), for all hosts but that of the batch
 * script. */
bool rf_jobstep_is(void);

/* Becomes, by srun, `argv` in a step of its own on this host, which ends when that does; its
 * standard output is that of srun. Returns only if there is no srun. */
void rf_jobstep_become(char *const argv[]);

#endif
