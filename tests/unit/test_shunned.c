/* SPDX-License-Identifier: BSD-3-Clause */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "launcher/shunned.h"

static struct rf_shunned *shunned;

static void expect(int64_t now, const char *hosts)
{
	struct rf_hostlist *list = rf_hostlist_create();
	char *text;

	rf_shunned_add_to(shunned, list, now);
	text = rf_hostlist_format(list);
	CU_ASSERT_STRING_EQUAL(text, hosts);
	free(text);
	rf_hostlist_destroy(list);
}

static void test_doubled(void)
{
	int64_t now = 0;
	int i;

	shunned = rf_shunned_create();
	expect(0, "");
	rf_shunned_failed(shunned, "a", 1000);
	rf_shunned_failed(shunned, "b", 30000);
	expect(1000, "a,b");
	expect(1000 + RF_SHUNNED_MS, "b");
	expect(30000 + RF_SHUNNED_MS, "");
	rf_shunned_failed(shunned, "a", 100000);
	expect(99999 + 2 * RF_SHUNNED_MS, "a");
	expect(100000 + 2 * RF_SHUNNED_MS, "");
	for (i = 0; i < 100; i++)
		rf_shunned_failed(shunned, "a", now);
	expect(RF_SHUNNED_MOST_MS - 1, "a");
	expect(RF_SHUNNED_MOST_MS, "");
	rf_shunned_reached(shunned, "a");
	rf_shunned_reached(shunned, "c");
	expect(0, "b");
	rf_shunned_failed(shunned, "a", 0);
	expect(RF_SHUNNED_MS - 1, "b,a");
	expect(RF_SHUNNED_MS, "b");
	rf_shunned_destroy(shunned);
	rf_shunned_destroy(NULL);
}

static const struct unit_test tests[] = {
	{"for longer each time", test_doubled},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("shunned", tests);
}
