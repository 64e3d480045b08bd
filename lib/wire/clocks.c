/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/clocks.h"

#include <string.h>

#include "wire/step.h"

size_t rf_clocks_size(size_t count)
{
	return sizeof(struct rf_clocks) + count * sizeof(struct rf_clock);
}

const struct rf_clocks *rf_clocks_check(const void *body, size_t size)
{
	const struct rf_clocks *clocks = body;
	uint32_t i;

	if (!body || (uintptr_t)body % _Alignof(struct rf_clocks) || size < sizeof(*clocks) ||
	    clocks->where >= RF_WHERES || size != rf_clocks_size(clocks->count))
		return NULL;
	for (i = 0; i < clocks->count; i++)
		if (clocks->clock[i].members < 2)
			return NULL;
	return clocks;
}

int rf_clock_compare(const struct rf_clock *a, const struct rf_clock *b)
{
	if (a->cid != b->cid)
		return a->cid < b->cid ? -1 : 1;
	if (a->members != b->members)
		return a->members < b->members ? -1 : 1;
	return memcmp(a->key, b->key, sizeof(a->key));
}

const struct rf_clock *rf_clocks_find(const struct rf_clocks *clocks, const struct rf_clock *like)
{
	uint32_t low = 0, high = clocks->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = rf_clock_compare(like, &clocks->clock[middle]);

		if (order == 0)
			return &clocks->clock[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}
