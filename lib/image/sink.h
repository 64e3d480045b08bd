/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where an image goes: a file, a helper process that writes HDF5, a network stream.
 *
 * The functions are called in the order start, begin, pages..., end, or abort at any time after a
 * failure. They run in the captured process (or its forked child) while other threads may hold any
 * lock: system calls and the sink's own struct only, no malloc, no stdio, no static variables (all
 * of that is part of the image that is being written). They return 0, or -1 and err.
 */
#ifndef RF_IMAGE_SINK_H
#define RF_IMAGE_SINK_H

#include "image/record.h"
#include "util/error.h"

#define RF_SINK_FDS 4

struct rf_sink {
	uint32_t size; /* bytes of the struct that begins with this one; a copy of it is used */
	int fds[RF_SINK_FDS]; /* fds that the sink holds, not the application's; -1: none */
	int comparing;	      /* set by begin: ask compare() which pages are wanted */
	/* Names of this capture and of the last one that it was tracked what has changed since; 0:
	 * none. begin sets `tracking` when its base is that one; RF_SUM_UNCHANGED may then stand in
	 * the place of checksums. */
	uint64_t capture, since;
	int tracking;

	/* When an image is complete: how many pages it has, and how many of them pages() was given.
	 * rf_image_capture() sets them in the caller's struct after RF_IMAGE_SYNC. */
	uint64_t total, given;

	/* The tables come soon: what takes its time can begin beside them. May be NULL. */
	int (*start)(struct rf_sink *sink, struct rf_error *err);

	/* Everything but the pages. `tables` stays valid until end. */
	int (*begin)(struct rf_sink *sink, const struct rf_tables *tables, struct rf_error *err);

	/* Checksums of the next n pages in the order of the table of runs; sets wanted[i] to 0 for
	 * pages that need not be given. n of 0: that was the last one. From call to call `wanted`
	 * goes on where it ended, and may be filled as late as in the last call. May be NULL. */
	int (*compare)(struct rf_sink *sink, const struct rf_sum *sums, uint64_t n, uint8_t *wanted,
		       struct rf_error *err);

	/* `n` pages in the order of the table of runs, with their checksums (NULL when compare()
	 * had them). The pages stay as they are until end returns. */
	int (*pages)(struct rf_sink *sink, const void *data, const struct rf_sum *sums, uint64_t n,
		     struct rf_error *err);

	int (*end)(struct rf_sink *sink, struct rf_error *err);
	void (*abort)(struct rf_sink *sink);
};

#endif
