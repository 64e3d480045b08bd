/* SPDX-License-Identifier: BSD-3-Clause */
#include "image/place.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define GAP_FROM 0x10000000000UL
#define GAP_TO	 0x1f0000000000UL

int rf_ranges_add(struct rf_ranges *r, uint64_t start, uint64_t end)
{
	if (start >= end)
		return 0;
	if (r->count == r->room) {
		uint64_t room = r->room ? r->room * 2 : 256;
		struct rf_range *more = realloc(r->range, room * sizeof(*more));

		if (!more)
			return -1;
		r->range = more;
		r->room = room;
	}
	r->range[r->count++] = (struct rf_range){start, end};
	return 0;
}

static int by_start(const void *a, const void *b)
{
	const struct rf_range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

void rf_ranges_sort(struct rf_ranges *r)
{
	uint64_t n = 0;

	if (!r->count)
		return;
	qsort(r->range, r->count, sizeof(*r->range), by_start);
	for (uint64_t i = 1; i < r->count; i++) {
		if (r->range[i].start > r->range[n].end)
			r->range[++n] = r->range[i];
		else if (r->range[i].end > r->range[n].end)
			r->range[n].end = r->range[i].end;
	}
	r->count = n + 1;
}

void rf_ranges_free(struct rf_ranges *r)
{
	free(r->range);
	*r = (struct rf_ranges){0};
}

int rf_ranges_own(struct rf_ranges *r, struct rf_error *err)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long start, end;
	int failed = 0;

	if (!maps)
		return rf_error_errno(err, "cannot read /proc/self/maps");
	while (!failed && fscanf(maps, "%lx-%lx%*[^\n]", &start, &end) == 2)
		if (end <= 0x7ffffffff000UL) /* not the vsyscall page */
			failed = rf_ranges_add(r, start, end);
	fclose(maps);
	if (failed)
		return rf_error_set(err, ENOMEM, "no memory for a table of addresses");
	rf_ranges_sort(r);
	return 0;
}

int rf_ranges_image(struct rf_ranges *r, const struct rf_loaded *image, struct rf_error *err)
{
	const struct rf_region *region = image->tables.table[RF_TABLE_REGIONS].data;
	const struct rf_process *p = rf_loaded_process(image);
	int failed = 0;

	for (uint64_t i = 0; i < image->tables.table[RF_TABLE_REGIONS].count && !failed; i++)
		failed = rf_ranges_add(r, region[i].start, region[i].end);
	for (int i = 0; i < 3 && !failed; i++)
		failed = rf_ranges_add(r, p->vvar[i].start, p->vvar[i].end);
	if (failed || rf_ranges_add(r, p->vdso.start, p->vdso.end))
		return rf_error_set(err, ENOMEM, "no memory for a table of addresses");
	rf_ranges_sort(r);
	return 0;
}

uint64_t rf_ranges_overlap(const struct rf_ranges *a, const struct rf_ranges *b)
{
	uint64_t i = 0, k = 0;

	while (i < a->count && k < b->count) {
		if (a->range[i].end <= b->range[k].start)
			i++;
		else if (b->range[k].end <= a->range[i].start)
			k++;
		else
			return a->range[i].start > b->range[k].start ? a->range[i].start
								     : b->range[k].start;
	}
	return 0;
}

uint64_t rf_ranges_gap(const struct rf_ranges *used, uint64_t bytes)
{
	uint64_t at = GAP_FROM;

	for (uint64_t i = 0; i < used->count; i++) {
		/* a page of distance: neighbours of the same kind would be joined by the kernel */
		if (used->range[i].start > at + bytes + RF_PAGE_SIZE)
			break;
		if (used->range[i].end + RF_PAGE_SIZE > at)
			at = used->range[i].end + RF_PAGE_SIZE;
	}
	return at + bytes < GAP_TO ? at : 0;
}
