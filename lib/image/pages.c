/* SPDX-License-Identifier: BSD-3-Clause */
#include "image/pages.h"

/* Inlined: the captured process must not load a library for it. */
#define XXH_INLINE_ALL
#include <xxhash.h>

static struct rf_sum sum(const void *page)
{
	XXH128_hash_t h = XXH3_128bits(page, RF_PAGE_SIZE);

	return (struct rf_sum){h.low64, h.high64};
}

void rf_pages_sum(const void *pages, uint64_t n, struct rf_sum *sums)
{
	const char *page = pages;

	for (uint64_t i = 0; i < n; i++)
		sums[i] = sum(page + i * RF_PAGE_SIZE);
}

uint64_t rf_pages_verify(const void *pages, uint64_t n, const struct rf_sum *sums)
{
	const char *page = pages;

	for (uint64_t i = 0; i < n; i++) {
		struct rf_sum s = sum(page + i * RF_PAGE_SIZE);

		if (s.low != sums[i].low || s.high != sums[i].high)
			return i;
	}
	return n;
}
