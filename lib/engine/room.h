/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Room for a program that becomes another process later (standby.h), by restoring that one's image
 * around an engine: until then it must be where the image is not. It runs with the kernel's legacy
 * layout of mappings (ADDR_COMPAT_LAYOUT): the program and its heap lie upwards from a random place
 * in one tebibyte, as those of most programs do, and all else from one in another tebibyte, where
 * also a process that was restored in such a program has its later mappings.
 */
#ifndef RF_ENGINE_ROOM_H
#define RF_ENGINE_ROOM_H

#include "engine/raw.h"
#include "util/error.h"

#define RF_ROOM_PARTS 2

/* All zeros: anywhere. */
struct rf_room {
	struct rf_room_part {
		unsigned long begin, end;
	} part[RF_ROOM_PARTS];
};

/*
 * The largest part of each tebibyte that is free in this process, less a sixteenth at each end:
 * what lies below it grows, and so does who takes the room. 0, or -1 and `err`.
 */
RF_HIDDEN int rf_room_find(struct rf_room *room, struct rf_error *err);

/* Are all of this process's mappings in the two in `room`? 1, 0, or -1 and `err`. */
int rf_room_holds(const struct rf_room *room, struct rf_error *err);

#endif
