/* SPDX-License-Identifier: BSD-3-Clause */
/* A number with a unit, exactly: what duration.c and size.c have in common. */
#ifndef RF_UTIL_QUANTITY_H
#define RF_UTIL_QUANTITY_H

#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

struct rf_unit {
	const char *name; /* NULL ends the table */
	uint64_t factor;  /* in the smallest unit */
	int written;	  /* format() may use it */
};

/*
 * Parses digits, an optional fraction, and a unit's name, without blanks, to an exact whole number
 * of the smallest unit. -1 naming `what` ("duration") and the text, if it is none, overflows, is
 * finer than the smallest unit, or has no unit of the table; `hint` is put behind that last one.
 */
int rf_quantity_parse(const char *text, const struct rf_unit *units, const char *what,
		      const char *hint, uint64_t *value, struct rf_error *err);

/* The shortest exact text, without fraction: the largest written unit that divides `value`. */
void rf_quantity_format(uint64_t value, const struct rf_unit *units, char *text, size_t size);

#endif
