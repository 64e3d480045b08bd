/* SPDX-License-Identifier: BSD-3-Clause */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "launcher/plan.h"

static const struct rf_plan_host hosts[] = {{"a", 4}, {"b.site", 2}, {"c", 4}};

static const struct {
	const char *place; /* of each rank, the host's first letter */
	const char *empty, *move, *to;
	const char *then; /* of each rank; upper case: it moves; or why not, behind '!' */
} cases[] = {
	{"aabb", "b", NULL, NULL, "aaCC"},
	{"aabb", "a", NULL, NULL, "CCbb"},
	{"aabb", "a,b", NULL, NULL, "CCCC"},
	{"aaaabbcc", "c", NULL, NULL,
	 "!no room for rank 6 of c on the job's other hosts: name "
	 "others with --to"},
	{"aaaabbcc", "c", NULL, "b,d", "aaaabbDD"},
	{"aabb", "b.site", NULL, "c", "aaCC"},
	{"aabb", "b", NULL, "b.site", "!b.site can not be emptied and be a target"},
	{"aabb", "d", NULL, NULL, "aabb"},
	{"aabb", NULL, "0,2", "c", "CaCb"},
	{"aabb", NULL, "0-1", "a,c", "aabb"},
	{"aabb", NULL, "4", "c", "!there is no rank 4: the job has 4"},
	{"aabb", NULL, "0", NULL, "Cabb"},
	{"cccc", NULL, "0-3", "a,b", "ABAA"},
};

static void test_plans(void)
{
	size_t i, r;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned place[16], n = (unsigned)strlen(cases[i].place);
		const struct rf_plan_now now = {hosts, 3, place, n};
		struct rf_hostlist *empty = NULL, *to = NULL;
		struct rf_idset *move = NULL;
		struct rf_plan_wish wish;
		struct rf_error err = {0};
		struct rf_plan *plan;
		char then[17] = "";

		for (r = 0; r < n; r++)
			place[r] = (unsigned)(cases[i].place[r] - 'a');
		if (cases[i].empty)
			empty = rf_hostlist_parse(cases[i].empty, &err);
		if (cases[i].to)
			to = rf_hostlist_parse(cases[i].to, &err);
		if (cases[i].move)
			move = rf_idset_parse(cases[i].move, &err);
		wish = (struct rf_plan_wish){empty, move, to};
		plan = rf_plan_make(&now, &wish, &err);
		if (*cases[i].then == '!') {
			CU_ASSERT_PTR_NULL(plan);
			CU_ASSERT_STRING_EQUAL(err.text, cases[i].then + 1);
		} else {
			CU_ASSERT_PTR_NOT_NULL_FATAL(plan);
			for (r = 0; r < n; r++)
				then[r] = (char)(plan->host[r][0] - (plan->moves[r] ? 32 : 0));
			CU_ASSERT_STRING_EQUAL(then, cases[i].then);
		}
		rf_plan_destroy(plan);
		rf_hostlist_destroy(empty);
		rf_hostlist_destroy(to);
		rf_idset_destroy(move);
	}
}

static void test_same(void)
{
	CU_ASSERT(rf_same_host("a", "a"));
	CU_ASSERT(rf_same_host("a", "A.site"));
	CU_ASSERT(rf_same_host("a.site", "a"));
	CU_ASSERT(!rf_same_host("a.site", "a.other"));
	CU_ASSERT(!rf_same_host("a", "ab"));
	CU_ASSERT(!rf_same_host("10.0.0.1", "10"));
	CU_ASSERT(rf_same_host("10.0.0.1", "10.0.0.1"));
}

static const struct unit_test tests[] = {
	{"who goes where", test_plans},
	{"names of hosts, with and without domain", test_same},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("plan", tests);
}
