/* SPDX-License-Identifier: BSD-3-Clause */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/hostlist.h"

static void test_null(void)
{
	struct rf_hostlist *list = rf_hostlist_create();
	struct rf_error err = {0};
	char *text;

	CU_ASSERT_PTR_NULL(rf_hostlist_parse(NULL, &err));
	CU_ASSERT_STRING_EQUAL(err.text, "no host list given");
	CU_ASSERT_PTR_NULL(rf_hostlist_parse(NULL, NULL));
	CU_ASSERT_EQUAL(rf_hostlist_count(NULL), 0);
	CU_ASSERT(!rf_hostlist_contains(NULL, "a"));
	CU_ASSERT(!rf_hostlist_contains(list, NULL));
	CU_ASSERT(!rf_hostlist_contains(list, ""));
	CU_ASSERT_EQUAL(rf_hostlist_add(list, NULL, &err), -1);
	CU_ASSERT_EQUAL(rf_hostlist_add(NULL, "a", &err), -1);
	CU_ASSERT(!rf_hostlist_remove(list, "a"));
	CU_ASSERT(!rf_hostlist_remove(NULL, "a"));
	CU_ASSERT_PTR_NULL(rf_hostlist_first(NULL));
	CU_ASSERT_PTR_NULL(rf_hostlist_first(list));
	CU_ASSERT_PTR_NULL(rf_hostlist_next(list, NULL));
	CU_ASSERT_PTR_NULL(rf_hostlist_next(list, "a"));
	CU_ASSERT_EQUAL(rf_hostlist_union(list, NULL, &err), 0);
	rf_hostlist_subtract(list, NULL);
	rf_hostlist_subtract(NULL, list);
	text = rf_hostlist_format(NULL);
	CU_ASSERT_STRING_EQUAL(text, "");
	free(text);
	rf_hostlist_destroy(NULL);
	rf_hostlist_destroy(list);
}

static const struct {
	const char *text, *fault;
	int position;
} bad[] = {
	{"", "a host name is missing", 1},
	{"a,", "a host name is missing", 3},
	{",a", "a host name is missing", 1},
	{"a,,b", "a host name is missing", 3},
	{"-n", "a host name can not begin with '-' or '.'", 1},
	{"a b", "this can not be in a host name", 2},
	{"a\n", "this can not be in a host name", 2},
	{"a/b", "this can not be in a host name", 2},
	{"a]", "this can not be in a host name", 2},
	{"\xc3\xa4", "a host name is missing", 1},
	{"n[1-3", "this '[' is never closed", 2},
	{"n[]", "a number is missing", 3},
	{"n[1,]", "a number is missing", 5},
	{"n[-3]", "a number is missing", 3},
	{"n[1-]", "a number is missing", 5},
	{"n[1--3]", "a number is missing", 5},
	{"n[1-3-5]", "',', '-' or ']' must come here", 6},
	{"n[1;3]", "',', '-' or ']' must come here", 4},
	{"n[a]", "a number is missing", 3},
	{"n[3-1]", "this range runs backwards", 3},
	{"n[01-3]", "the numbers of this range differ in width", 3},
	{"n[1-03]", "the numbers of this range differ in width", 3},
	{"n[08-100]", "the numbers of this range differ in width", 3},
	{"n[1-2][1-2]", "a host name has one [...] only", 7},
	{"n[[1]]", "a number is missing", 3},
	{"n[1234567890]", "this number is too large", 3},
	{"n[1-999999999]", "there are too many hosts", 3},
	{"a[1-65535],b[1-65535]", "there are too many hosts", 14},
	{"[1-2]-[3]", "a host name has one [...] only", 7},
};

static void test_bad(void)
{
	char position[32];
	struct rf_error err;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(&err, 0, sizeof(err));
		CU_ASSERT_PTR_NULL(rf_hostlist_parse(bad[i].text, &err));
		snprintf(position, sizeof(position), "character %d: ", bad[i].position);
		if (!strstr(err.text, bad[i].fault) ||
		    (bad[i].position && !strstr(err.text, position))) {
			CU_FAIL("wrong error text");
			printf("# %s\n", err.text);
		}
	}
}

static void test_long(void)
{
	char name[RF_HOSTLIST_NAME + 20];
	struct rf_hostlist *list;

	memset(name, 'n', sizeof(name));
	name[RF_HOSTLIST_NAME + 1] = '\0';
	CU_ASSERT_PTR_NULL(rf_hostlist_parse(name, NULL));
	strcpy(name + RF_HOSTLIST_NAME - 1, "[10]");
	CU_ASSERT_PTR_NULL(rf_hostlist_parse(name, NULL));
	strcpy(name + RF_HOSTLIST_NAME - 1, "[9-10]");
	CU_ASSERT_PTR_NULL(rf_hostlist_parse(name, NULL));
	strcpy(name + RF_HOSTLIST_NAME - 1, "[8-9]");
	list = rf_hostlist_parse(name, NULL);
	CU_ASSERT_EQUAL(rf_hostlist_count(list), 2);
	rf_hostlist_destroy(list);
	name[RF_HOSTLIST_NAME] = '\0';
	name[RF_HOSTLIST_NAME - 1] = 'n';
	list = rf_hostlist_parse(name, NULL);
	CU_ASSERT_EQUAL(rf_hostlist_count(list), 1);
	rf_hostlist_destroy(list);
}

static const struct {
	const char *text, *names, *formatted;
} good[] = {
	{"a", "a", "a"},
	{"a,a", "a", "a"},
	{"node[1-4,7]", "node1 node2 node3 node4 node7", "node[1-4,7]"},
	{"node[1-4,7],x[01-03]", "node1 node2 node3 node4 node7 x01 x02 x03",
	 "node[1-4,7],x[01-03]"},
	{"n1,n2,n3", "n1 n2 n3", "n[1-3]"},
	{"n3,n1,n2", "n3 n1 n2", "n[3,1-2]"},
	{"n[9-11]", "n9 n10 n11", "n[9-11]"},
	{"n[09-11]", "n09 n10 n11", "n[09-11]"},
	{"n[098-101]", "n098 n099 n100 n101", "n[098-101]"},
	{"n98,n099,n100", "n98 n099 n100", "n[98,099-100]"},
	{"n099,n100,n1000", "n099 n100 n1000", "n[099-100,1000]"},
	{"n[0-1]", "n0 n1", "n[0-1]"},
	{"n[0-10]", "n0 n1 n2 n3 n4 n5 n6 n7 n8 n9 n10", "n[0-10]"},
	{"n0,n00", "n0 n00", "n[0,00]"},
	{"n00,n01,n1", "n00 n01 n1", "n[00-01,1]"},
	{"n[1-2].site.org", "n1.site.org n2.site.org", "n[1-2].site.org"},
	{"[1-2]", "1 2", "[1-2]"},
	{"10.0.0.[1-2]", "10.0.0.1 10.0.0.2", "10.0.0.[1-2]"},
	{"r1n1,r1n2,r2n1", "r1n1 r1n2 r2n1", "r1n[1-2],r2n1"},
	{"a,n1,b,n2", "a n1 b n2", "a,n1,b,n2"},
	{"n1234567890,n1234567891", "n1234567890 n1234567891", "n1234567890,n1234567891"},
	{"n[5]", "n5", "n5"},
	{"a_b-c.d", "a_b-c.d", "a_b-c.d"},
};

static void test_good(void)
{
	struct rf_hostlist *list, *again;
	struct rf_error err;
	char names[512], *text;
	const char *name;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		list = rf_hostlist_parse(good[i].text, &err);
		CU_ASSERT_PTR_NOT_NULL_FATAL(list);
		names[0] = '\0';
		for (name = rf_hostlist_first(list); name; name = rf_hostlist_next(list, name)) {
			strcat(names, *names ? " " : "");
			strcat(names, name);
			CU_ASSERT(rf_hostlist_contains(list, name));
		}
		CU_ASSERT_STRING_EQUAL(names, good[i].names);
		text = rf_hostlist_format(list);
		CU_ASSERT_STRING_EQUAL(text, good[i].formatted);
		again = rf_hostlist_parse(text, &err);
		CU_ASSERT_EQUAL(rf_hostlist_count(again), rf_hostlist_count(list));
		rf_hostlist_destroy(again);
		rf_hostlist_destroy(list);
		free(text);
	}
}

static void test_sets(void)
{
	struct rf_hostlist *a = rf_hostlist_parse("n[1-5],x", NULL);
	struct rf_hostlist *b = rf_hostlist_parse("y,n[4-7]", NULL);
	char *text;

	CU_ASSERT_EQUAL(rf_hostlist_union(a, b, NULL), 0);
	text = rf_hostlist_format(a);
	CU_ASSERT_STRING_EQUAL(text, "n[1-5],x,y,n[6-7]");
	free(text);
	rf_hostlist_subtract(a, b);
	text = rf_hostlist_format(a);
	CU_ASSERT_STRING_EQUAL(text, "n[1-3],x");
	free(text);
	CU_ASSERT(rf_hostlist_remove(a, "n2"));
	CU_ASSERT(!rf_hostlist_remove(a, "n2"));
	CU_ASSERT(!rf_hostlist_contains(a, "n2"));
	CU_ASSERT_EQUAL(rf_hostlist_count(a), 3);
	rf_hostlist_subtract(a, a);
	CU_ASSERT_EQUAL(rf_hostlist_count(a), 0);
	CU_ASSERT_EQUAL(rf_hostlist_union(b, b, NULL), 0);
	CU_ASSERT_EQUAL(rf_hostlist_count(b), 5);
	rf_hostlist_destroy(a);
	rf_hostlist_destroy(b);
}

static void test_large(void)
{
	struct rf_hostlist *list = rf_hostlist_parse("n[1-65536]", NULL);
	char *text = rf_hostlist_format(list);

	CU_ASSERT_EQUAL(rf_hostlist_count(list), RF_HOSTLIST_MAX);
	CU_ASSERT_STRING_EQUAL(text, "n[1-65536]");
	CU_ASSERT_EQUAL(rf_hostlist_add(list, "n1", NULL), 0);
	CU_ASSERT_EQUAL(rf_hostlist_add(list, "other", NULL), -1);
	free(text);
	rf_hostlist_destroy(list);
}

static const struct unit_test tests[] = {
	{"NULL is refused or empty", test_null},
	{"errors say what and where", test_bad},
	{"names have a largest length", test_long},
	{"lists expand in order and format back", test_good},
	{"union, difference, removal", test_sets},
	{"a list has a largest size", test_large},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("hostlist", tests);
}
