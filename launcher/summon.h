/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How a slot gets its host's keeper: the one that listens, else one that it starts, exactly one
 * however many slots come at once.
 */
#ifndef RF_LAUNCHER_SUMMON_H
#define RF_LAUNCHER_SUMMON_H

#include "util/error.h"

#define RF_SUMMON_MS	  10000 /* for a keeper to start, and as long for others that start one */
#define RF_SUMMON_STEP_MS 60000 /* the same where it needs a job step of Slurm's (jobstep.h) */

/* Returns an fd connected to the keeper (rankmsg.h) of the job with this id. */
int rf_summon(const char *job, struct rf_error *err);

#endif
