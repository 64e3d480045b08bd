/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The collective clocks of a rank: the body of its reports to QUIESCE, TARGETS and ADVANCE, and of
 * the order TARGETS, where `seq` is the target; ADVANCE has one without clocks, for its round.
 * Plain structs, in the byte order of the hosts, which is the same on all of a job's. libc only, no
 * malloc: ranks use it in signal handlers.
 */
#ifndef RF_WIRE_CLOCKS_H
#define RF_WIRE_CLOCKS_H

#include <stddef.h>
#include <stdint.h>

/*
 * As a target: not all members have the communicator, since it is being made or freed. It is not to
 * be waited for, and may be passed.
 */
#define RF_CLOCK_NO_LIMIT UINT64_MAX

/* A communicator, the same at all of its members, and how many collectives were begun on it. */
struct rf_clock {
	uint32_t cid;	  /* the engine's context id */
	uint32_t members; /* of both groups for an intercommunicator; at least 2 */
	uint8_t key[16];  /* XXH3-128 of the members' world ranks in order; lower group first */
	uint64_t seq;
};

struct rf_clocks {
	uint32_t where; /* enum rf_where; 0 in orders */
	uint32_t count;
	uint32_t round; /* of the order; in a report that of the last one that was read, 0: none */
	uint32_t unready; /* in a report: communicators that are being made (MPI_Comm_idup) */
	struct rf_clock clock[];
};

/* Bytes of a body of `count` clocks. */
size_t rf_clocks_size(size_t count);

/* A body that has come: NULL unless `size`, where and count fit. The pointer is `body`. */
const struct rf_clocks *rf_clocks_check(const void *body, size_t size);

/* Order of the names (cid, members, key): for sorting, and 0 for the same communicator. */
int rf_clock_compare(const struct rf_clock *a, const struct rf_clock *b);

/* The clock with the same name as `like`, or NULL. For orders: their clocks are sorted by name. */
const struct rf_clock *rf_clocks_find(const struct rf_clocks *clocks, const struct rf_clock *like);

#endif
