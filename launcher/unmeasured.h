/* SPDX-License-Identifier: BSD-3-Clause */
/* A host as plugins get it (rankferry/plugin.h) when its keeper has not measured it. */
#ifndef RF_LAUNCHER_UNMEASURED_H
#define RF_LAUNCHER_UNMEASURED_H

#include "rankferry/plugin.h"

/* What is measured is not known; the rest is zero. */
static inline struct rankferry_host rf_unmeasured_host(void)
{
	return (struct rankferry_host){.size = sizeof(struct rankferry_host),
				       .load = -1,
				       .pressure = -1,
				       .memory = -1,
				       .available = -1,
				       .corrected = -1,
				       .uncorrected = -1,
				       .heat = -1};
}

#endif
