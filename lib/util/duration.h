/* SPDX-License-Identifier: BSD-3-Clause */
/* Durations as people write them: "500ms", "90s", "15m", "1.5h", "2d". A bare number is refused. */
#ifndef RF_UTIL_DURATION_H
#define RF_UTIL_DURATION_H

#include <stdint.h>

#include "util/error.h"

#define RF_DURATION_TEXT 24				      /* bytes, with the final zero */
#define RF_DURATION_MAX	 (INT64_C(1000) * 366 * 86400 * 1000) /* ms: a thousand years */

/* To milliseconds, exactly; 0 to RF_DURATION_MAX. */
int rf_duration_parse(const char *text, int64_t *ms, struct rf_error *err);

/* The shortest text that parses back to exactly `ms` (0 or more): 90000 is "90s", 7200000 is "2h".
 */
void rf_duration_format(int64_t ms, char text[RF_DURATION_TEXT]);

#endif
