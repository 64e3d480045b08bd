/* SPDX-License-Identifier: BSD-3-Clause */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/idset.h"

static void is(const struct rf_idset *set, const char *wanted)
{
	char *text = rf_idset_format(set);

	CU_ASSERT_STRING_EQUAL(text, wanted);
	if (strcmp(text, wanted) != 0)
		printf("# got %s, wanted %s\n", text, wanted);
	free(text);
}

static void test_null(void)
{
	struct rf_idset *set = rf_idset_create();
	struct rf_error err = {0};

	CU_ASSERT_PTR_NULL(rf_idset_parse(NULL, &err));
	CU_ASSERT_STRING_EQUAL(err.text, "no id set given");
	CU_ASSERT_EQUAL(rf_idset_count(NULL), 0);
	CU_ASSERT(!rf_idset_contains(NULL, 0));
	CU_ASSERT(!rf_idset_contains(set, 0));
	CU_ASSERT_EQUAL(rf_idset_add(NULL, 0, 0, &err), -1);
	CU_ASSERT_EQUAL(rf_idset_add(set, 2, 1, &err), -1);
	CU_ASSERT_EQUAL(rf_idset_add(set, 0, RF_IDSET_NONE, &err), -1);
	CU_ASSERT_EQUAL(rf_idset_remove(set, 2, 1, &err), -1);
	CU_ASSERT_EQUAL(rf_idset_remove(NULL, 1, 1, &err), -1);
	CU_ASSERT_EQUAL(rf_idset_union(set, NULL, &err), 0);
	CU_ASSERT_EQUAL(rf_idset_subtract(set, NULL, &err), 0);
	CU_ASSERT_EQUAL(rf_idset_first(NULL), RF_IDSET_NONE);
	CU_ASSERT_EQUAL(rf_idset_first(set), RF_IDSET_NONE);
	CU_ASSERT_EQUAL(rf_idset_next(NULL, 0), RF_IDSET_NONE);
	CU_ASSERT_EQUAL(rf_idset_next(set, 0), RF_IDSET_NONE);
	is(NULL, "");
	is(set, "");
	rf_idset_destroy(set);
	rf_idset_destroy(NULL);
}

static void test_bad(void)
{
	static const struct {
		const char *text, *fault;
		int position;
	} bad[] = {
		{",", "a number is missing", 1},
		{"1,", "a number is missing", 3},
		{"1-", "a number is missing", 3},
		{"-1", "a number is missing", 1},
		{"1--2", "a number is missing", 3},
		{"1 ", "',' or '-' must come here", 2},
		{"1-2-3", "',' or '-' must come here", 4},
		{"01", "numbers have no leading zeros", 1},
		{"0-01", "numbers have no leading zeros", 3},
		{"3-1", "this range runs backwards", 1},
		{"1,1", "numbers must ascend, each once", 3},
		{"2,1", "numbers must ascend, each once", 3},
		{"1-3,3-4", "numbers must ascend, each once", 5},
		{"4294967295", "this number is too large", 1},
		{"99999999999", "this number is too large", 1},
		{"18446744073709551616", "this number is too large", 1},
		{"[1", "this '[' is never closed", 2},
		{"[", "this '[' is never closed", 2},
		{"1]", "',' or '-' must come here", 2},
		{"[[1]]", "a number is missing", 2},
		{"a", "a number is missing", 1},
	};
	char position[32];
	struct rf_error err;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(&err, 0, sizeof(err));
		CU_ASSERT_PTR_NULL(rf_idset_parse(bad[i].text, &err));
		snprintf(position, sizeof(position), "character %d: ", bad[i].position);
		if (!strstr(err.text, bad[i].fault) || !strstr(err.text, position)) {
			CU_FAIL("wrong error text");
			printf("# %s\n", err.text);
		}
	}
}

static void test_good(void)
{
	static const struct {
		const char *text, *formatted;
		uint64_t count;
	} good[] = {
		{"", "", 0},
		{"[]", "", 0},
		{"0", "0", 1},
		{"[0-3,7]", "0-3,7", 5},
		{"0,1,2", "0-2", 3},
		{"0-1,2-3,5", "0-3,5", 5},
		{"0-4294967294", "0-4294967294", 4294967295},
		{"4294967294", "4294967294", 1},
	};
	struct rf_idset *set;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		set = rf_idset_parse(good[i].text, NULL);
		CU_ASSERT_PTR_NOT_NULL_FATAL(set);
		CU_ASSERT_EQUAL(rf_idset_count(set), good[i].count);
		is(set, good[i].formatted);
		rf_idset_destroy(set);
	}
}

static void test_sets(void)
{
	struct rf_idset *a = rf_idset_parse("0-9,20-29", NULL);
	struct rf_idset *b = rf_idset_parse("5-24,40", NULL);

	CU_ASSERT_EQUAL(rf_idset_union(a, b, NULL), 0);
	is(a, "0-29,40");
	CU_ASSERT_EQUAL(rf_idset_subtract(a, b, NULL), 0);
	is(a, "0-4,25-29");
	CU_ASSERT_EQUAL(rf_idset_union(a, a, NULL), 0);
	is(a, "0-4,25-29");
	CU_ASSERT_EQUAL(rf_idset_subtract(a, a, NULL), 0);
	is(a, "");
	rf_idset_destroy(a);
	rf_idset_destroy(b);
}

/* Against the plainest possible model, over many random additions and removals. */
static void test_model(void)
{
	enum { IDS = 64, STEPS = 20000 };
	struct rf_idset *set = rf_idset_create(), *again;
	bool model[IDS] = {false};
	unsigned int seed = 7, i, id, first, last, count;
	bool add, same = true;
	char *text;

	for (i = 0; i < STEPS && same; i++) {
		first = rand_r(&seed) % IDS;
		last = first + rand_r(&seed) % 6;
		last = last < IDS ? last : IDS - 1;
		add = rand_r(&seed) % 2;
		if (add)
			rf_idset_add(set, first, last, NULL);
		else
			rf_idset_remove(set, first, last, NULL);
		for (id = first; id <= last; id++)
			model[id] = add;
		for (id = 0, count = 0; id < IDS; id++) {
			same = same && rf_idset_contains(set, id) == model[id];
			count += model[id];
		}
		same = same && rf_idset_count(set) == count;
		for (id = rf_idset_first(set); id != RF_IDSET_NONE; id = rf_idset_next(set, id))
			same = same && model[id] && count-- > 0;
		same = same && count == 0;
		if (i % 100 == 0) {
			text = rf_idset_format(set);
			again = rf_idset_parse(text, NULL);
			same = same && again && rf_idset_count(again) == rf_idset_count(set);
			rf_idset_destroy(again);
			free(text);
		}
	}
	CU_ASSERT(same);
	rf_idset_destroy(set);
}

static const struct unit_test tests[] = {
	{"NULL and empty sets", test_null},
	{"errors say what and where", test_bad},
	{"sets parse and format back", test_good},
	{"union and difference", test_sets},
	{"additions and removals agree with a plain array", test_model},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("idset", tests);
}
