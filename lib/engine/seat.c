/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "engine/seat.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>

#include "engine/gate.h"
#include "engine/internal.h"
#include "engine/tls.h"

#define GAP_MOST (1ul << 30) /* bytes of thread-local storage; a delta is an int */
#define FORMAT	 "%d %d %d %d %lu %u %lx-%lx %lx-%lx %n"

void rf_seat_here(struct rf_seat *seat, int window, int slot, int shared)
{
	*seat = (struct rf_seat){.window = window,
				 .slot = slot,
				 .shared = shared,
				 .delta = shared ? rf_tls_delta(slot) : 0,
				 .gap = rf_tls_gap(slot),
				 .first_key = rf_tls_first_key(slot)};
	memcpy(seat->random, (const void *)getauxval(AT_RANDOM), sizeof(seat->random));
}

int rf_seat_offer(char text[RF_SEAT_TEXT], struct rf_error *err)
{
	struct rf_seat seat;
	const struct rf_room_part *part = seat.room.part;
	int window, n;

	if (rf_engines_trylock())
		return rf_error_set(err, EAGAIN, "an engine is being loaded");
	window = rf_engine_free_window();
	rf_engines_unlock();
	if (window < 0)
		return rf_error_set(err, EBUSY, "there is room for no more engines");
	/* a restored process has no engine: any slot is free there */
	rf_seat_here(&seat, window, 0, rf_gate_mode() == RF_GATE_SHARED_TCB);
	if (rf_room_find(&seat.room, err))
		return -1;
	n = snprintf(text, RF_SEAT_TEXT, "%d %d %d %d %lu %u %lx-%lx %lx-%lx ", seat.window,
		     seat.slot, seat.shared, seat.delta, seat.gap, seat.first_key, part[0].begin,
		     part[0].end, part[1].begin, part[1].end);
	for (size_t i = 0; i < sizeof(seat.random); i++)
		n += snprintf(text + n, (size_t)(RF_SEAT_TEXT - n), "%02x", seat.random[i]);
	return 0;
}

int rf_seat_parse(const char *text, struct rf_seat *seat)
{
	struct rf_room_part *part = seat->room.part;
	int at = 0;

	memset(seat, 0, sizeof(*seat));
	if (sscanf(text, FORMAT, &seat->window, &seat->slot, &seat->shared, &seat->delta,
		   &seat->gap, &seat->first_key, &part[0].begin, &part[0].end, &part[1].begin,
		   &part[1].end, &at) != 10 ||
	    seat->window < 0 || seat->window >= RF_WINDOWS || seat->slot < 0 ||
	    seat->slot >= RF_WINDOW_SLOTS || seat->first_key >= RF_KEYS_TOTAL ||
	    seat->gap > GAP_MOST || part[0].begin > part[0].end || part[1].begin > part[1].end)
		return -1;
	for (size_t i = 0; i < sizeof(seat->random); i++, at += 2)
		if (!isxdigit((unsigned char)text[at]) || !isxdigit((unsigned char)text[at + 1]) ||
		    sscanf(text + at, "%2hhx", &seat->random[i]) != 1)
			return -1;
	return text[at] ? -1 : 0;
}
