/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/size.h"

#include <stdio.h>

#include "util/quantity.h"

#define K UINT64_C(1000)
#define I UINT64_C(1024)

static const struct rf_unit units[] = {
	{"B", 1, 1},
	{"KiB", I, 1},
	{"MiB", I *I, 1},
	{"GiB", I *I *I, 1},
	{"TiB", I *I *I *I, 1},
	{"PiB", I *I *I *I *I, 1},
	{"EiB", I *I *I *I *I *I, 1},
	{"", 1, 0},
	{"kB", K, 0},
	{"KB", K, 0},
	{"MB", K *K, 0},
	{"GB", K *K *K, 0},
	{"TB", K *K *K *K, 0},
	{"PB", K *K *K *K *K, 0},
	{NULL, 0, 0},
};

int rf_size_parse(const char *text, uint64_t *bytes, struct rf_error *err)
{
	return rf_quantity_parse(text, units, "size",
				 "say B, KiB, MiB, GiB, TiB (1024s) or KB, MB, GB, TB (1000s)",
				 bytes, err);
}

void rf_size_format(uint64_t bytes, char text[RF_SIZE_TEXT])
{
	rf_quantity_format(bytes, units, text, RF_SIZE_TEXT);
}

void rf_size_show(uint64_t bytes, char text[RF_SIZE_TEXT])
{
	const struct rf_unit *unit = units;
	double value = (double)bytes;

	/* 1023.6 would be shown as 1024: the next unit begins where rounding reaches it */
	while (value >= 1023.5 && unit[1].written) {
		value /= 1024;
		unit++;
	}
	if (unit == units)
		snprintf(text, RF_SIZE_TEXT, "%d B", (int)value);
	else
		snprintf(text, RF_SIZE_TEXT, value >= 999.5 ? "%.0f %s" : "%.3g %s", value,
			 unit->name);
}
