/* SPDX-License-Identifier: BSD-3-Clause */
#include "image/place.h"
#include "unit.h"

#define PAGE 4096UL
#define TIB  (1UL << 40)

static void test_sort(void)
{
	struct rf_ranges r = {0};

	rf_ranges_add(&r, 9 * PAGE, 12 * PAGE);
	rf_ranges_add(&r, PAGE, 3 * PAGE);
	rf_ranges_add(&r, 3 * PAGE, 4 * PAGE);	 /* touches */
	rf_ranges_add(&r, 10 * PAGE, 11 * PAGE); /* lies inside */
	rf_ranges_add(&r, 5 * PAGE, 5 * PAGE);	 /* empty */
	rf_ranges_sort(&r);
	CU_ASSERT_EQUAL_FATAL(r.count, 2);
	CU_ASSERT_EQUAL(r.range[0].start, PAGE);
	CU_ASSERT_EQUAL(r.range[0].end, 4 * PAGE);
	CU_ASSERT_EQUAL(r.range[1].start, 9 * PAGE);
	CU_ASSERT_EQUAL(r.range[1].end, 12 * PAGE);
	rf_ranges_free(&r);
}

static void test_overlap(void)
{
	struct rf_range one[] = {{PAGE, 2 * PAGE}, {8 * PAGE, 9 * PAGE}};
	struct rf_range two[] = {{2 * PAGE, 8 * PAGE}, {9 * PAGE, 10 * PAGE}};
	struct rf_ranges a = {one, 2, 2}, b = {two, 2, 2};

	CU_ASSERT_FALSE(rf_ranges_overlap(&a, &b));
	two[0].end += PAGE;
	CU_ASSERT_TRUE(rf_ranges_overlap(&a, &b));
	CU_ASSERT_TRUE(rf_ranges_overlap(&b, &a));
}

static void test_gap(void)
{
	struct rf_range used[] = {{PAGE, TIB + 4 * PAGE}, {TIB + 6 * PAGE, TIB + 7 * PAGE}};
	struct rf_ranges r = {used, 2, 2};
	uint64_t at = rf_ranges_gap(&r, 4 * PAGE);

	CU_ASSERT_TRUE(at > TIB + 7 * PAGE && at % PAGE == 0);
	used[1] = (struct rf_range){TIB + 100 * PAGE, 31 * TIB};
	at = rf_ranges_gap(&r, 4 * PAGE);
	CU_ASSERT_TRUE(at > TIB + 4 * PAGE && at + 4 * PAGE < TIB + 100 * PAGE);
	CU_ASSERT_EQUAL(rf_ranges_gap(&r, TIB), 0);
}

static void test_own(void)
{
	struct rf_ranges r = {0};
	uint64_t here = (uint64_t)&r;
	int found = 0;

	CU_ASSERT_EQUAL(rf_ranges_own(&r, NULL), 0);
	for (uint64_t i = 0; i < r.count; i++)
		found |= here >= r.range[i].start && here < r.range[i].end;
	CU_ASSERT_TRUE(found);
	rf_ranges_free(&r);
}

static const struct unit_test tests[] = {
	{"ranges are sorted and joined", test_sort},
	{"ranges that touch do not overlap", test_overlap},
	{"a gap is free, large enough, and may not exist", test_gap},
	{"a process knows its own addresses", test_own},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("image_ranges", tests);
}
