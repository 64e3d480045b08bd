/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Putting the memory of an image where it was, in a process that still runs a program of its own.
 */
#ifndef RF_IMAGE_PLACE_H
#define RF_IMAGE_PLACE_H

#include "image/load.h"

/* Ascending ranges of addresses */
struct rf_ranges {
	struct rf_range *range;
	uint64_t count, room;
};

int rf_ranges_add(struct rf_ranges *ranges, uint64_t start, uint64_t end);
void rf_ranges_sort(struct rf_ranges *ranges); /* and join what touches or overlaps */
void rf_ranges_free(struct rf_ranges *ranges);

/* All that this process has mapped now. */
int rf_ranges_own(struct rf_ranges *ranges, struct rf_error *err);

/* All addresses that the image needs: regions, vdso and vvar. Not the reserved ones. */
int rf_ranges_image(struct rf_ranges *ranges, const struct rf_loaded *image, struct rf_error *err);

/* The first address that is in both, or 0. Both are sorted. */
uint64_t rf_ranges_overlap(const struct rf_ranges *a, const struct rf_ranges *b);

/* A free range of `bytes` bytes outside of `used` (sorted), between 1 and 31 TiB where neither the
 * kernel nor engines put anything. 0: there is none. */
uint64_t rf_ranges_gap(const struct rf_ranges *used, uint64_t bytes);

/*
 * Maps every region and fills it; every page is verified before this returns. `before`, unless
 * NULL, is an image that this function has placed here already, and nobody has written to since:
 * what is the same is left as it is. With `lazy`, long runs of plainly stored pages are mapped from
 * the file instead of copied: they take no memory of their own until they are written to. A file
 * that is damaged later is then not noticed. -1 with code EEXIST: an address is in use by this
 * program.
 */
int rf_place(const struct rf_loaded *image, const struct rf_loaded *before, int lazy,
	     struct rf_error *err);

/* Gives every region the protection and advice that it had. After that it may not be writable. */
int rf_place_protect(const struct rf_loaded *image, struct rf_error *err);

#endif
