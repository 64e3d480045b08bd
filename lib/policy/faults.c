/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "policy/faults.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int rf_policy_fault(struct rf_policy_faults *faults, const char *file, int line, int column,
		    const char *format, ...)
{
	char what[1024], **place;
	va_list ap;
	int rc;

	if (faults->count++ >= RF_POLICY_FAULTS)
		return -1;
	place = &faults->line[faults->count - 1];
	va_start(ap, format);
	vsnprintf(what, sizeof(what), format, ap);
	va_end(ap);
	if (line > 0)
		rc = asprintf(place, "%s:%d:%d: %s", file, line, column, what);
	else
		rc = asprintf(place, "%s: %s", file, what);
	if (rc < 0)
		*place = NULL;
	return -1;
}

void rf_policy_faults_clear(struct rf_policy_faults *faults)
{
	unsigned i;

	for (i = 0; i < faults->count && i < RF_POLICY_FAULTS; i++)
		free(faults->line[i]);
	memset(faults, 0, sizeof(*faults));
}
