/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The memory of this process: its regions, and which pages of them have content.
 */
#ifndef RF_IMAGE_REGIONS_H
#define RF_IMAGE_REGIONS_H

#include "image/image.h"
#include "image/scratch.h"

/* Flags of regions that /proc/self/maps does not show, and copies of memory that fork does not
 * copy. */
struct rf_special {
	struct rf_range range;
	uint32_t flags; /* RF_REGION_* */
	uint32_t pad;
};

struct rf_shared_copy {
	struct rf_range range;
	char *copy;
};

struct rf_memory {
	struct rf_array *regions, *names, *runs;
	struct rf_array special, copies, copied, opened;
	struct rf_array *text; /* a buffer */
	const struct rf_range *exclude;
	unsigned exclude_count;
	struct rf_process *process; /* receives vvar and vdso; may be NULL */
};

/* Called for each part of memory that cannot be kept. */
typedef void (*rf_obstacle_fn)(void *arg, int fd, const char *what, const char *why);

/* Reads the special flags (/proc/self/smaps). Slow: it walks all page tables; not to be done while
 * threads are stopped. */
int rf_memory_special(struct rf_memory *memory, struct rf_error *err);

/* Reads /proc/self/maps into the tables of regions and names. Regions that cannot be kept go to
 * `obstacle`, if that is not NULL, and are left out. */
int rf_memory_regions(struct rf_memory *memory, rf_obstacle_fn obstacle, void *arg,
		      struct rf_error *err);

/* Copies shared anonymous memory, which a forked child would see changing. */
int rf_memory_copy_shared(struct rf_memory *memory, struct rf_error *err);

/* Fills the table of runs: every page that has content and is not zero. Returns the number of pages
 * in *pages. Regions that cannot be read are made readable until rf_memory_protect(). */
int rf_memory_runs(struct rf_memory *memory, uint64_t *pages, struct rf_error *err);

/* Gives regions that were made readable their own protection again. */
void rf_memory_protect(struct rf_memory *memory);

/* Where the content of the page at `address` is: there, or in a copy. */
const void *rf_memory_at(const struct rf_memory *memory, uint64_t address);

#endif
