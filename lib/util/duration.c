/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/duration.h"

#include <errno.h>

#include "util/quantity.h"

static const struct rf_unit units[] = {
	{"ms", 1, 1},	   {"s", 1000, 1},     {"m", 60000, 1},
	{"h", 3600000, 1}, {"d", 86400000, 1}, {NULL, 0, 0},
};

int rf_duration_parse(const char *text, int64_t *ms, struct rf_error *err)
{
	uint64_t value;

	if (rf_quantity_parse(text, units, "duration", "say ms, s, m, h or d, as in 90s", &value,
			      err) < 0)
		return -1;
	if (value > RF_DURATION_MAX)
		return rf_error_set(err, ERANGE, "duration \"%.64s\" is too large", text);
	*ms = (int64_t)value;
	return 0;
}

void rf_duration_format(int64_t ms, char text[RF_DURATION_TEXT])
{
	if (ms == 0) /* of no unit more than of another; this is how people write it */
		rf_quantity_format(0, units + 1, text, RF_DURATION_TEXT);
	else
		rf_quantity_format((uint64_t)ms, units, text, RF_DURATION_TEXT);
}
