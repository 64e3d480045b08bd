/* SPDX-License-Identifier: BSD-3-Clause */
/* What keepers have told of their hosts (load.h) in a period: means, and of memory the last. */
#ifndef RF_LAUNCHER_LOADS_H
#define RF_LAUNCHER_LOADS_H

#include <stdbool.h>

#include "load.h"

struct rf_loads;

struct rf_loads_host {
	double foreign;		   /* below 0: it can not be measured there */
	int64_t memory, available; /* below 0: not known */
	double pressure;	   /* below 0: not known */
};

struct rf_loads_rank {
	double demand;	/* below 0: not known */
	int64_t memory; /* 0: not known */
};

/* NULL: no memory. */
struct rf_loads *rf_loads_create(void);
void rf_loads_destroy(struct rf_loads *loads);

/* -1: no memory. */
int rf_loads_hear(struct rf_loads *loads, const char *host, const struct rf_load *load);

/* Another period begins. What memory was like in the last one is known until something is told. */
void rf_loads_reset(struct rf_loads *loads);

/* False: nothing was told in this period; only memory may be known, from the last one. */
bool rf_loads_host(const struct rf_loads *loads, const char *host, struct rf_loads_host *mean);
struct rf_loads_rank rf_loads_rank(const struct rf_loads *loads, unsigned rank);

#endif
