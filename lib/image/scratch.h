/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory for the capture itself: one range of addresses, reserved at once and never part of an
 * image.
 *
 * Arrays in it grow in place, so pointers into them stay valid, and no allocator is used that a
 * stopped thread may hold. Not thread safe; there is one capture at a time.
 */
#ifndef RF_IMAGE_SCRATCH_H
#define RF_IMAGE_SCRATCH_H

#include "image/record.h"
#include "util/error.h"

struct rf_scratch {
	char *base;
	uint64_t size; /* bytes reserved */
	uint64_t used; /* bytes given to arrays */
};

struct rf_array {
	char *data;
	uint64_t count;	    /* records */
	uint64_t committed; /* bytes that can be touched */
	uint64_t capacity;  /* bytes reserved */
	uint32_t record;    /* bytes of one record */
};

/* Reserves the range (64 GiB of addresses, less under RLIMIT_AS). 0, or -1 and err. */
int rf_scratch_open(struct rf_scratch *scratch, struct rf_error *err);

/* Unmaps it with all its arrays; the struct is zeroed. Closing a zeroed one is allowed. */
void rf_scratch_close(struct rf_scratch *scratch);

/* Makes an empty array that may take up to 1/`share` of the whole range. */
void rf_array_open(struct rf_array *array, struct rf_scratch *scratch, uint32_t record,
		   unsigned share);

/* Appends `n` zeroed records and returns the first; NULL when memory or the share is used up. */
void *rf_array_add(struct rf_array *array, uint64_t n);

/* Appends `bytes` bytes to an array of bytes and returns their offset, or UINT64_MAX. */
uint64_t rf_array_bytes(struct rf_array *array, const void *bytes, uint64_t n);

/* Appends a string to an array of names and returns its offset; repeats the last name's offset when
 * it is the same string. UINT32_MAX when memory is used up. */
uint32_t rf_array_name(struct rf_array *names, const char *text);

#endif
