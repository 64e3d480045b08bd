/* SPDX-License-Identifier: BSD-3-Clause */
/* Compiled three times: for any x86_64, as pages_avx2.c, which is a third faster on memory that is
 * not in the cache, and as pages_avx512.c, which is another sixth faster. */
#include "image/pages.h"

/* Inlined: the captured process must not load a library for it. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#if defined(RF_PAGES_AVX512)
#define VARIANT(name) name##_avx512
#elif defined(RF_PAGES_AVX2)
#define VARIANT(name) name##_avx2
#else
#define VARIANT(name) name##_plain
#endif

void VARIANT(rf_pages_sum)(const void *pages, uint64_t n, struct rf_sum *sums);
uint64_t VARIANT(rf_pages_verify)(const void *pages, uint64_t n, const struct rf_sum *sums);

static struct rf_sum sum(const void *page)
{
	XXH128_hash_t h = XXH3_128bits(page, RF_PAGE_SIZE);

	return (struct rf_sum){h.low64, h.high64};
}

void VARIANT(rf_pages_sum)(const void *pages, uint64_t n, struct rf_sum *sums)
{
	const char *page = pages;

	for (uint64_t i = 0; i < n; i++)
		sums[i] = sum(page + i * RF_PAGE_SIZE);
}

uint64_t VARIANT(rf_pages_verify)(const void *pages, uint64_t n, const struct rf_sum *sums)
{
	const char *page = pages;

	for (uint64_t i = 0; i < n; i++) {
		struct rf_sum s = sum(page + i * RF_PAGE_SIZE);

		if (s.low != sums[i].low || s.high != sums[i].high)
			return i;
	}
	return n;
}

#if !defined(RF_PAGES_AVX2) && !defined(RF_PAGES_AVX512)
void rf_pages_sum_avx2(const void *pages, uint64_t n, struct rf_sum *sums);
void rf_pages_sum_avx512(const void *pages, uint64_t n, struct rf_sum *sums);
uint64_t rf_pages_verify_avx2(const void *pages, uint64_t n, const struct rf_sum *sums);
uint64_t rf_pages_verify_avx512(const void *pages, uint64_t n, const struct rf_sum *sums);

void rf_pages_sum(const void *pages, uint64_t n, struct rf_sum *sums)
{
	if (__builtin_cpu_supports("avx512f"))
		rf_pages_sum_avx512(pages, n, sums);
	else if (__builtin_cpu_supports("avx2"))
		rf_pages_sum_avx2(pages, n, sums);
	else
		rf_pages_sum_plain(pages, n, sums);
}

uint64_t rf_pages_verify(const void *pages, uint64_t n, const struct rf_sum *sums)
{
	if (__builtin_cpu_supports("avx512f"))
		return rf_pages_verify_avx512(pages, n, sums);
	return __builtin_cpu_supports("avx2") ? rf_pages_verify_avx2(pages, n, sums)
					      : rf_pages_verify_plain(pages, n, sums);
}
#endif
