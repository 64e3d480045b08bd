/* SPDX-License-Identifier: BSD-3-Clause */
#include "unit.h"

#include <math.h>
#include <stdio.h>

#include "launcher/interval.h"

#define SECOND INT64_C(1000)
#define HOUR   (3600 * SECOND)

static const struct {
	struct rf_interval interval;
	struct rf_interval_facts facts;
	int64_t wanted;
} cases[] = {
	{{RF_INTERVAL_NEVER, 0, 0.05}, {0}, RF_INTERVAL_NEVER},
	/* a fixed one is nobody else's business */
	{{600 * SECOND, HOUR, 0.05}, {.pause_us = 500000000}, 600 * SECOND},
	/* the first shows what one costs; sooner where much fails */
	{{RF_INTERVAL_AUTO, 24 * HOUR, 0.05}, {0}, 60 * SECOND},
	{{RF_INTERVAL_AUTO, 300 * SECOND, 0.05}, {0}, 30 * SECOND},
	{{RF_INTERVAL_AUTO, SECOND, 0.05}, {0}, RF_INTERVAL_MIN_MS},
	/* Young: sqrt(2 * 5 s * 24 h) = 929.5 s, and Daly's terms */
	{{RF_INTERVAL_AUTO, 24 * HOUR, 0.05}, {.pause_us = 5000000}, 931185},
	/* 300 s, 1 h: sqrt(2 * 300 * 3600) = 1469.7 s */
	{{RF_INTERVAL_AUTO, HOUR, 1}, {.pause_us = 300000000}, 1576497},
	/* the same with 5 % overhead at most */
	{{RF_INTERVAL_AUTO, HOUR, 0.05}, {.pause_us = 300000000}, 6000 * SECOND},
	/* one that costs more than what it could save */
	{{RF_INTERVAL_AUTO, 10 * SECOND, 1}, {.pause_us = 30000000}, 40 * SECOND},
	/* half of the time nothing is written */
	{{RF_INTERVAL_AUTO, 24 * HOUR, 0.05},
	 {.pause_us = 20000, .write_ms = 100 * SECOND},
	 200 * SECOND},
	/* nothing given: a day, or as observed: 2 h for 2 failures */
	{{RF_INTERVAL_AUTO, RF_INTERVAL_AUTO, 0.05}, {.pause_us = 5000000}, 931185},
	{{RF_INTERVAL_AUTO, RF_INTERVAL_AUTO, 0.05},
	 {.pause_us = 5000000, .elapsed_ms = 2 * HOUR, .failures = 2},
	 191417},
	/* a cost that can not be seen */
	{{RF_INTERVAL_AUTO, HOUR, 0.05}, {.pause_us = 1}, RF_INTERVAL_MIN_MS},
};

static void test_next(void)
{
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t next = rf_interval_next(&cases[i].interval, &cases[i].facts);

		if (next != cases[i].wanted)
			printf("# case %zu: %lld\n", i, (long long)next);
		CU_ASSERT_EQUAL(next, cases[i].wanted);
	}
}

/* What is said of Daly's interval: no other one costs less in sum, to within a percent. */
static void test_best(void)
{
	const struct rf_interval interval = {RF_INTERVAL_AUTO, HOUR, 1};
	const struct rf_interval_facts facts = {.pause_us = 60000000};
	double cost = 60, mtbf = 3600, least = 1e9, best = 0, t;

	/* the time that a job takes, per second of work (Daly, equation 20, without restart) */
	for (t = 60; t < 3600; t++) {
		double sum = mtbf * (exp((t + cost) / mtbf) - 1) / t;

		if (sum < least) {
			least = sum;
			best = t;
		}
	}
	CU_ASSERT_DOUBLE_EQUAL((double)rf_interval_next(&interval, &facts) / 1000 - cost, best,
			       best / 100);
}

static const struct unit_test tests[] = {
	{"when the next snapshot is due", test_next},
	{"Daly's interval is the best one", test_best},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("interval", tests);
}
