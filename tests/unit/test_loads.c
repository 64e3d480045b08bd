/* SPDX-License-Identifier: BSD-3-Clause */
#include "unit.h"

#include "launcher/loads.h"

static void hear(struct rf_loads *loads, const char *host, double foreign, int64_t available,
		 unsigned rank, int64_t memory)
{
	struct rf_load_rank ranks[] = {{.rank = rank, .demand = 0.5, .memory = memory}};
	const struct rf_load load = {.foreign = foreign,
				     .memory = 1000,
				     .available = available,
				     .pressure = 0,
				     .rank = ranks,
				     .ranks = 1};

	CU_ASSERT_EQUAL(rf_loads_hear(loads, host, &load), 0);
}

static void test_periods(void)
{
	struct rf_loads *loads = rf_loads_create();
	struct rf_loads_host mean;

	CU_ASSERT_FALSE(rf_loads_host(loads, "a", &mean));
	hear(loads, "a", 1, 300, 0, 70);
	hear(loads, "a", 3, 200, 0, 80);
	CU_ASSERT_TRUE(rf_loads_host(loads, "a", &mean));
	CU_ASSERT_EQUAL(mean.foreign, 2);
	CU_ASSERT_EQUAL(mean.available, 200);
	CU_ASSERT_EQUAL(rf_loads_rank(loads, 0).demand, 0.5);
	/* what memory there was is still the best that is known; load is measured anew */
	rf_loads_reset(loads);
	CU_ASSERT_FALSE(rf_loads_host(loads, "a", &mean));
	CU_ASSERT_TRUE(mean.foreign < 0);
	CU_ASSERT_EQUAL(mean.available, 200);
	CU_ASSERT_TRUE(rf_loads_rank(loads, 0).demand < 0);
	CU_ASSERT_EQUAL(rf_loads_rank(loads, 0).memory, 80);
	hear(loads, "b", 5, 100, 1, 10);
	/* but not of a host that has told nothing since */
	rf_loads_reset(loads);
	CU_ASSERT_FALSE(rf_loads_host(loads, "a", &mean));
	CU_ASSERT_TRUE(mean.available < 0);
	CU_ASSERT_EQUAL(rf_loads_rank(loads, 0).memory, 0);
	CU_ASSERT_FALSE(rf_loads_host(loads, "b", &mean));
	CU_ASSERT_EQUAL(mean.available, 100);
	hear(loads, "b", 7, 100, 1, 10);
	CU_ASSERT_TRUE(rf_loads_host(loads, "b", &mean));
	CU_ASSERT_EQUAL(mean.foreign, 7);
	rf_loads_destroy(loads);
}

static const struct unit_test tests[] = {
	{"periods", test_periods},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("loads", tests);
}
