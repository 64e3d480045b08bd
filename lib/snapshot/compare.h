/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which pages of a new image are already in a base image, at the same address with the same
 * checksum, and the table of runs that refers to both.
 */
#ifndef RF_SNAPSHOT_COMPARE_H
#define RF_SNAPSHOT_COMPARE_H

#include "image/load.h"
#include "snapshot/h5file.h"

struct rf_compare;

/* Opens the base at `base` for a new file at `path`. NULL and err. */
struct rf_compare *rf_compare_open(const char *base, const char *path, struct rf_error *err);

/*
 * Takes the checksums of the next n pages, in the order of the new image's `runs`, and sets
 * wanted[i] to 1 where the page must be written. -1 when there are more pages than the runs have,
 * or no memory.
 */
int rf_compare_next(struct rf_compare *compare, const struct rf_run *runs, uint64_t count,
		    const struct rf_sum *sums, uint64_t n, uint8_t *wanted, struct rf_error *err);

/* When all have been compared: the new runs, the checksums of the pages that are written, and the
 * base files that are needed. They belong to `compare`. */
struct rf_compared {
	const struct rf_run *runs;
	uint64_t run_count;
	const struct rf_sum *sums;
	uint64_t pages; /* to be written */
	const struct rf_h5source *sources;
	uint64_t source_count;
};
int rf_compare_result(struct rf_compare *compare, struct rf_compared *result, struct rf_error *err);

void rf_compare_close(struct rf_compare *compare);

#endif
