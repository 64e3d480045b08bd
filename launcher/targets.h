/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The agreement of a quiesce on where all ranks stop: the collective clock of arXiv 2212.05701.
 * Each communicator's target is the largest count of any member; who is below runs on, who would
 * pass one is held. When all members of every communicator have the same count no collective is
 * half done, and since nobody passes a target without an order, it stays so.
 *
 * Pure logic: who talks to ranks is quiesce.h. The words are those of wire/step.h, wire/clocks.h.
 */
#ifndef RF_LAUNCHER_TARGETS_H
#define RF_LAUNCHER_TARGETS_H

#include <stdbool.h>
#include <stddef.h>

#include "util/error.h"
#include "wire/clocks.h"

struct rf_targets;

enum rf_targets_next {
	RF_TARGETS_WAIT,    /* somebody has not reported yet, or will get on by himself */
	RF_TARGETS_MOVE,    /* give rf_targets_order() to all */
	RF_TARGETS_STALLED, /* all wait for each other: give rf_targets_advance() to all */
	RF_TARGETS_EQUAL,   /* that is where all ranks stop */
};

struct rf_targets *rf_targets_create(unsigned ranks, struct rf_error *err);

/* A rank's clocks have come, the body of its report. -1: they can not be of this job. */
int rf_targets_report(struct rf_targets *targets, unsigned rank, const void *body, size_t size,
		      struct rf_error *err);

enum rf_targets_next rf_targets_next(struct rf_targets *targets);

/* The body of the order TARGETS or ADVANCE, which begins a new round. Valid until the next call of
 * either. NULL: no memory. */
const struct rf_clocks *rf_targets_order(struct rf_targets *targets, struct rf_error *err);
const struct rf_clocks *rf_targets_advance(struct rf_targets *targets, struct rf_error *err);

/* The lowest rank that the others wait for, and in words what it does. -1 if there is none. */
int rf_targets_behind(struct rf_targets *targets, const char **what);

void rf_targets_destroy(struct rf_targets *targets);

#endif
