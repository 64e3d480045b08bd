/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef RF_LAUNCHER_TIMER_H
#define RF_LAUNCHER_TIMER_H

#include <event2/event.h>
#include <stdint.h>

/* The timer runs out in so many ms; or every so many, if it is a persistent one. */
static inline void rf_later(struct event *timer, int64_t ms)
{
	const struct timeval wait = {ms / 1000, ms % 1000 * 1000};

	event_add(timer, &wait);
}

#endif
