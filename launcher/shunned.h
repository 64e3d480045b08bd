/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Hosts that a move to them has failed at: for a minute, and twice as long each time that it fails
 * again, up to an hour, others are better. Reaching one ends it. Times are rf_clock_ms().
 */
#ifndef RF_LAUNCHER_SHUNNED_H
#define RF_LAUNCHER_SHUNNED_H

#include <stdint.h>

#include "util/hostlist.h"

#define RF_SHUNNED_MS	   60000
#define RF_SHUNNED_MOST_MS 3600000

struct rf_shunned;

/* NULL: no memory. */
struct rf_shunned *rf_shunned_create(void);
void rf_shunned_destroy(struct rf_shunned *shunned);

void rf_shunned_failed(struct rf_shunned *shunned, const char *host, int64_t now);
void rf_shunned_reached(struct rf_shunned *shunned, const char *host);

/* Adds those of now to the list. */
void rf_shunned_add_to(const struct rf_shunned *shunned, struct rf_hostlist *list, int64_t now);

#endif
