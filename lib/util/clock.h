/* SPDX-License-Identifier: BSD-3-Clause */
/* Deadlines, in milliseconds of the clock that nobody sets (CLOCK_MONOTONIC). */
#ifndef RF_UTIL_CLOCK_H
#define RF_UTIL_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t rf_clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The same in microseconds, for measuring. */
static inline int64_t rf_clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* What is left until `deadline` (of rf_clock_ms()), as poll() takes it: never negative. */
static inline int rf_clock_left(int64_t deadline)
{
	int64_t left = deadline - rf_clock_ms();

	return left < 0 ? 0 : left > INT32_MAX ? INT32_MAX : (int)left;
}

#endif
