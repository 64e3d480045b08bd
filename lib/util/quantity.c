/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/quantity.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define FRACTION_MAX 9 /* digits behind the point */

static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* *value = *value * 10 + digit; -1 on overflow */
static int shift_in(uint64_t *value, char digit)
{
	return __builtin_mul_overflow(*value, 10, value) ||
			       __builtin_add_overflow(*value, (uint64_t)(digit - '0'), value)
		       ? -1
		       : 0;
}

static const struct rf_unit *find_unit(const struct rf_unit *units, const char *name)
{
	for (; units->name; units++)
		if (strcmp(units->name, name) == 0)
			return units;
	return NULL;
}

int rf_quantity_parse(const char *text, const struct rf_unit *units, const char *what,
		      const char *hint, uint64_t *value, struct rf_error *err)
{
	uint64_t whole = 0, fraction = 0, scale = 1, part;
	const struct rf_unit *unit;
	const char *at = text;

	if (!text || !is_digit(*text))
		return rf_error_set(err, EINVAL, "%s \"%.64s\" does not begin with a number", what,
				    text ? text : "");
	for (; is_digit(*at); at++)
		if (shift_in(&whole, *at) < 0)
			goto too_large;
	if (*at == '.') {
		if (!is_digit(*++at))
			return rf_error_set(err, EINVAL, "%s \"%.64s\": no digit behind the point",
					    what, text);
		for (; is_digit(*at); at++, scale *= 10) {
			if (scale == 1000000000)
				return rf_error_set(err, EINVAL,
						    "%s \"%.64s\": more than %d digits behind the "
						    "point",
						    what, text, FRACTION_MAX);
			shift_in(&fraction, *at);
		}
	}
	unit = find_unit(units, at);
	if (!unit)
		return rf_error_set(err, EINVAL, "%s \"%.64s\": %s%.32s%s: %s", what, text,
				    *at ? "there is no unit \"" : "the unit is missing", at,
				    *at ? "\"" : "", hint);
	if (__builtin_mul_overflow(whole, unit->factor, &whole) ||
	    __builtin_mul_overflow(fraction, unit->factor, &part) ||
	    __builtin_add_overflow(whole, part / scale, &whole))
		goto too_large;
	if (part % scale)
		return rf_error_set(err, EINVAL, "%s \"%.64s\" is not a whole number of %s", what,
				    text, units->name);
	*value = whole;
	return 0;
too_large:
	return rf_error_set(err, ERANGE, "%s \"%.64s\" is too large", what, text);
}

void rf_quantity_format(uint64_t value, const struct rf_unit *units, char *text, size_t size)
{
	const struct rf_unit *unit, *best = units;

	for (unit = units; unit->name; unit++)
		if (unit->written && value && value % unit->factor == 0 &&
		    unit->factor >= best->factor)
			best = unit;
	snprintf(text, size, "%" PRIu64 "%s", value / best->factor, best->name);
}
