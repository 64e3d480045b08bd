/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which rank leaves a host whose memory gets short, before the kernel kills one, and where to: the
 * largest, since that is enough most of the time and the others need not move; to the host that
 * then has most left. All ranks would only bring the shortage with them. A host of which nothing is
 * known is used when no other has enough.
 */
#ifndef RF_LAUNCHER_RELIEF_H
#define RF_LAUNCHER_RELIEF_H

#include <stdbool.h>
#include <stdint.h>

#define RF_RELIEF_SHORT	   0.05 /* of a host's memory: less than this available is too little */
#define RF_RELIEF_PRESSURE 20.0 /* % of the time in which all work waits for memory */
#define RF_RELIEF_ENOUGH   0.15 /* of its memory: must be left where the rank goes */

struct rf_relief_host {
	int64_t memory, available; /* bytes; below 0: not known */
	double pressure;	   /* %; below 0: not known */
	unsigned room;		   /* for ranks */
};

struct rf_relief_rank {
	unsigned host;	/* an index */
	int64_t memory; /* bytes */
	bool rests;	/* it has been moved for that lately */
};

bool rf_relief_is_short(const struct rf_relief_host *host);

/* False: no rank is there that can be moved, or no host has room and memory for it; then *rank is
 * the rank, if any (else `ranks`). */
bool rf_relief_choose(const struct rf_relief_host *host, unsigned hosts,
		      const struct rf_relief_rank *ranked, unsigned ranks, unsigned from,
		      unsigned *rank, unsigned *to);

#endif
