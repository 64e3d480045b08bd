/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One capture in progress: its scratch memory, its tables, and the steps that fill them.
 *
 * The struct itself lies in the scratch memory: from the moment that registers are saved until the
 * last page is written, nothing may change that is part of the image.
 */
#ifndef RF_IMAGE_COLLECT_H
#define RF_IMAGE_COLLECT_H

#include "image/files.h"
#include "image/image.h"
#include "image/regions.h"
#include "image/scratch.h"

struct rf_collect {
	struct rf_scratch scratch;
	struct rf_array table[RF_TABLES];
	struct rf_array text, sums, stack, wanted;
	struct rf_array unchanged; /* struct rf_range, since the capture that the sink knows */
	uint64_t unchanged_at;
	struct rf_memory memory;
	struct rf_descriptors descriptors;
	const struct rf_image_hooks *hooks;
	struct rf_sink *sink; /* a copy of the caller's, which is part of the image */
	struct rf_error err;
	int parent;
	int child;		     /* of an earlier image, which is no obstacle; or 0 */
	struct rf_range exclude[17]; /* the caller's, then the scratch memory */
	const void *section;
	uint64_t section_bytes;
	uint64_t pages;
};

/* Reserves memory. `sink` may be NULL when nothing will be written. NULL and err on failure. */
struct rf_collect *rf_collect_open(const struct rf_image_hooks *hooks, const struct rf_sink *sink,
				   struct rf_error *err);
void rf_collect_close(struct rf_collect *c);

/* Reports everything that cannot be kept. Threads run. */
int rf_collect_obstacles(struct rf_collect *c, rf_obstacle_fn obstacle, void *arg,
			 struct rf_error *err);

/* Fills the tables of process, regions, threads and limits, without which an image is none. Threads
 * are stopped. */
int rf_collect_memory(struct rf_collect *c, uint64_t signal_mask, struct rf_error *err);

/* The same, and all others but the runs and the registers of the caller. */
int rf_collect_state(struct rf_collect *c, uint64_t signal_mask, struct rf_error *err);

/*
 * Finds the pages and gives the image to the sink, in the captured process or in a forked child.
 * `parent` is the process that must live on for this to make sense, or 0. Runs on a stack of its
 * own.
 */
int rf_collect_write(struct rf_collect *c, int parent, struct rf_error *err);

#endif
