/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The variables by which a job's processes know of each other. `rankferry run` sets the OMPI_ ones
 * for mpirun, and Open MPI brings every variable with that prefix to all slots on all hosts;
 * keepers take them out of the ranks' environment. They are the only way for the secret: a command
 * line is public.
 */
#ifndef RF_LAUNCHER_ENVIRONMENT_H
#define RF_LAUNCHER_ENVIRONMENT_H

#define RF_ENV_AGENT	  "OMPI_MCA_orte_fork_agent" /* Open MPI's own: what to start for a program */
#define RF_ENV_JOB	  "OMPI_RANKFERRY_JOB"	     /* the job's id */
#define RF_ENV_COORD	  "OMPI_RANKFERRY_COORD"     /* addresses of the coordinator */
#define RF_ENV_SECRET	  "OMPI_RANKFERRY_SECRET"
#define RF_ENV_RESTORE	  "OMPI_RANKFERRY_RESTORE" /* the snapshot to go on from */
#define RF_ENV_SHELF	  "OMPI_RANKFERRY_SHELF"   /* the job's directory on each host (depot.h) */
#define RF_ENV_FAR	  "OMPI_RANKFERRY_FAR"	   /* "1": go on from the store's files only */
#define RF_ENV_LAZY	  "OMPI_RANKFERRY_LAZY"	   /* "1": memory is read when touched */
#define RF_ENV_RANKS	  "OMPI_RANKFERRY_RANKS"   /* how many ranks it has */
#define RF_ENV_GENERATION "OMPI_RANKFERRY_GENERATION"	   /* from 2 on; the first has none */
#define RF_ENV_STRICT	  "OMPI_RANKFERRY_REQUIRE_MOVABLE" /* "1" */

#define RF_ENV_DETECT "OMPI_RANKFERRY_DETECT" /* ms (detect.h), in a job that can recover */

#define RF_ENV_OURS "OMPI_RANKFERRY_" /* what all but the first of these begin with */

/* Where the file system of sensors is, for keepers; the user says it by RF_ENV_USER_SYS. */
#define RF_ENV_SYS	"OMPI_RANKFERRY_SYS"
#define RF_ENV_USER_SYS "RANKFERRY_SYS"

/* in a rank */
#define RF_ENV_KEEPER	   "RANKFERRY_KEEPER" /* path of the keeper's socket */
#define RF_ENV_RANK_STRICT "RANKFERRY_REQUIRE_MOVABLE"

#endif
