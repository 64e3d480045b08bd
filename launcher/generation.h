/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The mpirun of a later generation, or of a job that has gone back to a snapshot: the job's line
 * without what says where ranks run, and an exact place for each rank. It starts under the running
 * one, with a standard input of its own, which is fed from this process's when the generation has
 * become the job's.
 */
#ifndef RF_LAUNCHER_GENERATION_H
#define RF_LAUNCHER_GENERATION_H

#include <event2/event.h>

#include "mpirun.h"
#include "util/error.h"

struct rf_generation;

/*
 * `number` is 1 for ranks that go on from the snapshot which the environment says, at once; from 2
 * on, their slots wait. `line` is the job's own, `id` the job's. Rank N gets a slot on host[N]. The
 * callbacks are those of mpirun.h.
 */
struct rf_generation *rf_generation_launch(struct event_base *base, const char *id, int number,
					   char *const line[], char *const host[], unsigned ranks,
					   const struct rf_mpirun_ops *ops, void *data,
					   struct rf_error *err);

/* Can a job with this line have later generations? */
int rf_generation_check(char *const line[], unsigned ranks, struct rf_error *err);

struct rf_mpirun *rf_generation_mpirun(const struct rf_generation *generation);

/* It is the job's now, and no other mpirun reads standard input any more. */
void rf_generation_feed(struct rf_generation *generation);

/* Waits for the end of its mpirun, as rf_mpirun_destroy(). NULL is allowed. */
void rf_generation_destroy(struct rf_generation *generation);

#endif
