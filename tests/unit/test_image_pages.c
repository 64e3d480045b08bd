/* SPDX-License-Identifier: BSD-3-Clause */
/* An image that was written on one CPU is verified on another: all variants find the same sums. */
#include "image/pages.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#define PAGES 64

typedef void sum_fn(const void *pages, uint64_t n, struct rf_sum *sums);
typedef uint64_t verify_fn(const void *pages, uint64_t n, const struct rf_sum *sums);
sum_fn rf_pages_sum_plain, rf_pages_sum_avx2, rf_pages_sum_avx512;
verify_fn rf_pages_verify_plain, rf_pages_verify_avx2, rf_pages_verify_avx512;

static unsigned char pages[PAGES * RF_PAGE_SIZE] __attribute__((aligned(64)));
static struct rf_sum plain[PAGES];

static void fill(void)
{
	uint64_t x = 88172645463325252u;

	for (size_t i = 0; i < sizeof(pages); i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		pages[i] = i < RF_PAGE_SIZE ? 0 : (unsigned char)x;
	}
	rf_pages_sum_plain(pages, PAGES, plain);
}

static void same(sum_fn *sum, verify_fn *verify)
{
	struct rf_sum sums[PAGES];

	memset(sums, 0, sizeof(sums));
	sum(pages, PAGES, sums);
	CU_ASSERT_EQUAL(memcmp(sums, plain, sizeof(sums)), 0);
	CU_ASSERT_EQUAL(verify(pages, PAGES, plain), PAGES);
	pages[5 * RF_PAGE_SIZE + 4095] ^= 1;
	CU_ASSERT_EQUAL(verify(pages, PAGES, plain), 5);
	pages[5 * RF_PAGE_SIZE + 4095] ^= 1;
}

static void test_variants(void)
{
	fill();
	same(rf_pages_sum, rf_pages_verify); /* whichever this CPU gets */
	same(rf_pages_sum_plain, rf_pages_verify_plain);
	if (__builtin_cpu_supports("avx2"))
		same(rf_pages_sum_avx2, rf_pages_verify_avx2);
	if (__builtin_cpu_supports("avx512f"))
		same(rf_pages_sum_avx512, rf_pages_verify_avx512);
}

static const struct unit_test tests[] = {
	{"all variants find the same sums, and the page that differs", test_variants},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("image_pages", tests);
}
