/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ending as another process ended, so that whoever waits for this one sees what it would have seen.
 */
#ifndef RF_LAUNCHER_VERDICT_H
#define RF_LAUNCHER_VERDICT_H

#define RF_EXIT_REQUEUE	   75  /* EX_TEMPFAIL: it can go on from a snapshot, not here or not now */
#define RF_EXIT_OWN	   125 /* Rankferry itself failed */
#define RF_EXIT_NOT_RUN	   126 /* the command was found but could not be run, as of env(1) */
#define RF_EXIT_NOT_FOUND  127
#define RF_EXIT_EXEC_FAILS 131 /* what mpirun exits with when a rank's execve() fails */

/*
 * Ends this process with the wait status `status`: the same exit code, or death by the same signal,
 * without a core file, which would be of the wrong process.
 */
_Noreturn void rf_end_as(int status);

#endif
