/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How a host is, as the job's keeper there has measured it (gauge.h) since it last did, and as it
 * tells the coordinator (the kind "load" of wire/kinds.c).
 */
#ifndef RF_LAUNCHER_LOAD_H
#define RF_LAUNCHER_LOAD_H

#include <jansson.h>
#include <stdint.h>

#include "util/error.h"

struct rf_load_rank {
	unsigned rank;
	double demand;	/* CPUs that it has used or waited for */
	double share;	/* of that, the part that it has used, 0 to 1 */
	int64_t memory; /* bytes */
};

/* Below 0: not known. */
struct rf_load {
	double foreign;			/* CPUs that others use, or wait for */
	double share;			/* of the rank that has got most of what it wanted; 1: none
					   wanted anything */
	int64_t memory, available;	/* bytes that there are, and that can still be given away */
	double pressure;		/* % of the last 10 s in which all work waited for memory */
	int64_t corrected, uncorrected; /* errors of the memory since the host has started */
	double heat;			/* % of the temperature at which it would stop */
	struct rf_load_rank *rank;
	unsigned ranks;
};

/* A message, for the caller. NULL: no memory. */
json_t *rf_load_tell(const struct rf_load *load);

/* To be cleared, also after a failure. */
int rf_load_read(const json_t *message, struct rf_load *load, struct rf_error *err);

/* For people and plugins: an object with "load" (foreign), "share", "memory", "available",
 * "pressure", "corrected", "uncorrected" and "heat", as far as they are known. For the caller. */
json_t *rf_load_describe(const struct rf_load *load);

void rf_load_clear(struct rf_load *load);

#endif
