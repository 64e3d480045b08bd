/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * When the next snapshot is due. With a fixed interval that is simple. Else the interval is the one
 * at which snapshots and what failures undo cost least in sum, by J. T. Daly, "A higher order
 * estimate of the optimum checkpoint interval for restart dumps" (2006):
 *
 *	sqrt(2 C M) (1 + sqrt(C / 2M) / 3 + C / 18M) - C    for C < 2M, else M
 *
 * where M is the mean time between failures, and C what a snapshot costs, which is the time for
 * which ranks stand still. It is no shorter than the cap on overhead allows, and than twice the
 * time in which a snapshot is written.
 */
#ifndef RF_LAUNCHER_INTERVAL_H
#define RF_LAUNCHER_INTERVAL_H

#include <stdint.h>

#define RF_INTERVAL_NEVER    INT64_C(-1) /* also as RF_POLICY_NEVER and RF_POLICY_AUTO */
#define RF_INTERVAL_AUTO     INT64_C(-2)
#define RF_INTERVAL_FIRST_MS 60000    /* AUTO: until the first, by which the cost is measured */
#define RF_INTERVAL_MIN_MS   10000    /* AUTO: whatever the figures say */
#define RF_INTERVAL_MTBF_MS  86400000 /* when none is given, and nothing has failed yet */
#define RF_INTERVAL_OVERHEAD 0.05

struct rf_interval {
	int64_t every_ms; /* or NEVER, AUTO */
	int64_t mtbf_ms;  /* or AUTO: as observed */
	double overhead;  /* at most this part of the time is spent on snapshots */
};

/* What has been measured. */
struct rf_interval_facts {
	int64_t pause_us;   /* of the last snapshot; 0: there was none */
	int64_t write_ms;   /* from its begin until it was there as a whole */
	int64_t elapsed_ms; /* of the job */
	unsigned failures;  /* in that time */
};

/* The mean time between failures that is reckoned with. */
int64_t rf_interval_mtbf(const struct rf_interval *interval, const struct rf_interval_facts *facts);

/* From the last snapshot's begin, or the start, to the begin of the next; or NEVER. */
int64_t rf_interval_next(const struct rf_interval *interval, const struct rf_interval_facts *facts);

#endif
