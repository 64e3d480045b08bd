/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The mappings of this process, one after the other, from /proc/self/maps. No malloc, no libc that
 * locks: an engine may be in the middle of a call.
 */
#ifndef RF_ENGINE_MAPS_H
#define RF_ENGINE_MAPS_H

#include "engine/raw.h"
#include "util/error.h"

struct rf_maps {
	int fd;
	unsigned int at, have;
	unsigned long begin, end; /* of the mapping that was read last */
	char line[512];		  /* as the kernel describes it, maybe cut */
	char buffer[4096];
};

/* 0, or -1 and `err`. */
RF_HIDDEN int rf_maps_open(struct rf_maps *maps, struct rf_error *err);
/* 1, or 0 at the end. */
RF_HIDDEN int rf_maps_next(struct rf_maps *maps);
RF_HIDDEN void rf_maps_close(struct rf_maps *maps);

#endif
