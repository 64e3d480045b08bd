/* SPDX-License-Identifier: BSD-3-Clause */
/* What is wrong with a policy: lines of the form "FILE:LINE:COLUMN: what". */
#ifndef RF_POLICY_FAULTS_H
#define RF_POLICY_FAULTS_H

#define RF_POLICY_FAULTS 20 /* more of one policy are counted, not kept */

struct rf_policy_faults {
	unsigned count;
	char *line[RF_POLICY_FAULTS]; /* NULL: there was no memory for it */
};

/* Adds one. `line` 0: it is of the whole file. Returns -1. */
int rf_policy_fault(struct rf_policy_faults *faults, const char *file, int line, int column,
		    const char *format, ...) __attribute__((format(printf, 5, 6)));

void rf_policy_faults_clear(struct rf_policy_faults *faults);

#endif
