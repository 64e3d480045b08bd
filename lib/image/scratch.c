/* SPDX-License-Identifier: BSD-3-Clause */
#include "image/scratch.h"
#include "image/sys.h"

#include <errno.h>
#include <linux/mman.h>
#include <string.h>
#include <sys/mman.h>

#define SCRATCH_MOST  (64UL << 30)
#define SCRATCH_LEAST (64UL << 20)
#define COMMIT_STEP   (256UL << 10)

int rf_scratch_open(struct rf_scratch *scratch, struct rf_error *err)
{
	long at = -ENOMEM;
	uint64_t size;

	for (size = SCRATCH_MOST; size >= SCRATCH_LEAST; size /= 4) {
		at = rf_sys(mmap, 0, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
			    -1, 0);
		if (!rf_sys_failed(at))
			break;
	}
	if (rf_sys_failed(at))
		return rf_error_set(err, (int)-at,
				    "no address range of 64 MiB is left for taking an image "
				    "(is `ulimit -v` set?)");
	scratch->base = (char *)at;
	scratch->size = size;
	scratch->used = 0;
	return 0;
}

void rf_scratch_close(struct rf_scratch *scratch)
{
	if (scratch->base)
		rf_sys(munmap, scratch->base, scratch->size);
	memset(scratch, 0, sizeof(*scratch));
}

void rf_array_open(struct rf_array *array, struct rf_scratch *scratch, uint32_t record,
		   unsigned share)
{
	uint64_t bytes = scratch->size / share & ~(COMMIT_STEP - 1);

	if (bytes > scratch->size - scratch->used)
		bytes = scratch->size - scratch->used;
	array->data = scratch->base + scratch->used;
	array->count = 0;
	array->committed = 0;
	array->capacity = bytes;
	array->record = record;
	scratch->used += bytes;
}

void *rf_array_add(struct rf_array *array, uint64_t n)
{
	uint64_t start = array->count * array->record;
	uint64_t need = start + n * array->record;

	if (need > array->committed) {
		/* doubling keeps the number of calls small for millions of records */
		uint64_t want = array->committed * 2 > need ? array->committed * 2 : need;

		want = (want + COMMIT_STEP - 1) & ~(COMMIT_STEP - 1);
		if (want > array->capacity)
			want = array->capacity;
		if (need > want ||
		    rf_sys_failed(rf_sys(mprotect, array->data, want, PROT_READ | PROT_WRITE)))
			return NULL;
		array->committed = want;
	}
	array->count += n;
	return array->data + start;
}

uint64_t rf_array_bytes(struct rf_array *array, const void *bytes, uint64_t n)
{
	uint64_t at = array->count;
	char *to = rf_array_add(array, n);

	if (!to)
		return UINT64_MAX;
	memcpy(to, bytes, n);
	return at;
}

uint32_t rf_array_name(struct rf_array *names, const char *text)
{
	uint64_t n = strlen(text) + 1, at;

	if (names->count == 0 && !rf_array_add(names, 1))
		return UINT32_MAX;
	if (n == 1)
		return 0;
	/* segments of one file follow each other in /proc/self/maps */
	if (names->count > n && !memcmp(names->data + names->count - n, text, n) &&
	    names->data[names->count - n - 1] == 0)
		return (uint32_t)(names->count - n);
	at = rf_array_bytes(names, text, n);
	return at > UINT32_MAX ? UINT32_MAX : (uint32_t)at;
}
