/* SPDX-License-Identifier: BSD-3-Clause */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "launcher/plan.h"

static const struct rf_plan_host hosts[] = {{"a", 4}, {"b.site", 2}, {"c", 4}};

static const struct {
	const char *place; /* of each rank, the host's first letter */
	const char *empty, *move, *to, *avoid, *spare;
	const char *then; /* of each rank; upper case: it moves; or why not, behind '!' */
} cases[] = {
	{"aabb", "b", NULL, NULL, NULL, NULL, "aaCC"},
	{"aabb", "a", NULL, NULL, NULL, NULL, "CCbb"},
	{"aabb", "a,b", NULL, NULL, NULL, NULL, "CCCC"},
	{"aaaabbcc", "c", NULL, NULL, NULL, NULL,
	 "!no room for rank 6 of c on the job's other hosts: name "
	 "others with --to"},
	{"aaaabbcc", "c", NULL, "b,d", NULL, NULL, "aaaabbDD"},
	{"aabb", "b.site", NULL, "c", NULL, NULL, "aaCC"},
	{"aabb", "b", NULL, "b.site", NULL, NULL, "!b.site can not be emptied and be a target"},
	{"aabb", "d", NULL, NULL, NULL, NULL, "aabb"},
	{"aabb", NULL, "0,2", "c", NULL, NULL, "CaCb"},
	{"aabb", NULL, "0-1", "a,c", NULL, NULL, "aabb"},
	{"aabb", NULL, "4", "c", NULL, NULL, "!there is no rank 4: the job has 4"},
	{"aabb", NULL, "0", NULL, NULL, NULL, "Cabb"},
	{"cccc", NULL, "0-3", "a,b", NULL, NULL, "ABAA"},
	{"aa", "a", NULL, NULL, "c", NULL, "BB"},
	{"aa", "a", NULL, "c", "c", NULL, "CC"},
	{"aa", "a", NULL, NULL, "b,c", NULL,
	 "!no room for rank 0 of a on the job's other hosts: name "
	 "others with --to"},
	{"aaaabbcc", "c", NULL, NULL, NULL, "d,e", "aaaabbDE"},
	{"aaaabbcc", "c", NULL, NULL, "d", "c,d,e", "aaaabbEE"},
	{"bb", "b", NULL, NULL, "a,c", "d", "DD"},
	/* those behind '/' are only shunned */
	{"bb", "b", NULL, NULL, "/c", NULL, "AA"},
	{"bb", "b", NULL, NULL, "c/a", "d", "DD"},
	{"bb", "b", NULL, NULL, "a,d/c", "d", "CC"},
	{"bb", "b", NULL, "c", "/c", "d", "CC"},
	{"aa", "a", NULL, NULL, "b/c", NULL, "CC"},
};

/* "avoided/shunned", either may be missing */
static void read_avoid(const char *text, struct rf_hostlist **avoid, struct rf_hostlist **shun)
{
	const char *slash = strchr(text, '/');
	char first[40];

	snprintf(first, sizeof(first), "%.*s", slash ? (int)(slash - text) : 39, text);
	if (*first)
		*avoid = rf_hostlist_parse(first, NULL);
	if (slash)
		*shun = rf_hostlist_parse(slash + 1, NULL);
}

static void test_plans(void)
{
	size_t i, r;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned place[16], n = (unsigned)strlen(cases[i].place);
		const struct rf_plan_now now = {
			.host = hosts, .hosts = 3, .place = place, .ranks = n};
		struct rf_hostlist *empty = NULL, *to = NULL, *avoid = NULL, *spare = NULL,
				   *shun = NULL;
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
		if (cases[i].avoid)
			read_avoid(cases[i].avoid, &avoid, &shun);
		if (cases[i].spare)
			spare = rf_hostlist_parse(cases[i].spare, &err);
		if (cases[i].move)
			move = rf_idset_parse(cases[i].move, &err);
		wish = (struct rf_plan_wish){.empty = empty,
					     .move = move,
					     .to = to,
					     .spare = spare,
					     .avoid = avoid,
					     .shun = shun};
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
		rf_hostlist_destroy(avoid);
		rf_hostlist_destroy(shun);
		rf_hostlist_destroy(spare);
		rf_idset_destroy(move);
	}
}

/* What a placement plugin may propose: targets are b, c, the spare d, and a, which is left. */
static void test_proposals(void)
{
	static const struct {
		unsigned to[3];
		const char *why; /* "": it is a plan */
	} proposals[] = {
		{{1, 1, 2}, ""},
		{{2, 2, 2}, ""},
		{{1, 1, 1}, "3 ranks to c, which has room for 2"},
		{{0, 1, 1}, "1 ranks to b.site, which has room for 0"},
		{{1, 3, 1}, "1 ranks to a, which has room for 0"},
		{{1, 4, 1}, "a host that was not asked about"},
		{{1, UINT32_MAX, 1}, "a host that was not asked about"},
	};
	const unsigned place[] = {0, 1, 0, 1, 2, 0, 2};
	const struct rf_plan_now now = {.host = hosts, .hosts = 3, .place = place, .ranks = 7};
	struct rf_hostlist *empty = rf_hostlist_parse("a", NULL);
	struct rf_hostlist *spare = rf_hostlist_parse("d", NULL);
	const struct rf_plan_wish wish = {.empty = empty, .spare = spare};
	size_t i;

	for (i = 0; i < sizeof(proposals) / sizeof(proposals[0]); i++) {
		struct rf_plan *plan = rf_plan_begin(&now, &wish, NULL);
		struct rf_error err = {0};
		int rc;

		CU_ASSERT_PTR_NOT_NULL_FATAL(plan);
		CU_ASSERT_EQUAL(plan->moving, 3);
		rc = rf_plan_place(plan, proposals[i].to, &err);
		CU_ASSERT_EQUAL(rc, *proposals[i].why ? -1 : 0);
		CU_ASSERT_STRING_EQUAL(err.text, proposals[i].why);
		if (rc == 0)
			CU_ASSERT_STRING_EQUAL(plan->host[5], "d");
		/* one that was refused can still be made in another way */
		CU_ASSERT_EQUAL(rf_plan_spread(plan, &err), 0);
		rf_plan_destroy(plan);
	}
	rf_hostlist_destroy(empty);
	rf_hostlist_destroy(spare);
}

/* Ranks are on a a b b c; they were started on a b.site d ? c. */
static void test_home(void)
{
	static const char *const home[] = {"a", "b.site", "d", NULL, "c"};
	static const unsigned place[] = {0, 0, 1, 1, 2};
	static const struct {
		const char *home, *then;
	} returns[] = {{"b", "aBbbc"}, {"d", "aaDbc"}, {"a", "aabbc"},
		       {"c", "aabbc"}, {"e", "aabbc"}, {"d,b", "aBDbc"}};
	const struct rf_plan_now now = {
		.host = hosts, .hosts = 3, .place = place, .ranks = 5, .home = home};
	size_t i, r;

	for (i = 0; i < sizeof(returns) / sizeof(returns[0]); i++) {
		struct rf_hostlist *list = rf_hostlist_parse(returns[i].home, NULL);
		struct rf_plan *plan;
		struct rf_error err;
		char then[6] = "";

		CU_ASSERT_PTR_NOT_NULL_FATAL(list);
		plan = rf_plan_home(&now, list, &err);
		CU_ASSERT_PTR_NOT_NULL_FATAL(plan);
		for (r = 0; r < 5; r++)
			then[r] = (char)(plan->host[r][0] - (plan->moves[r] ? 32 : 0));
		CU_ASSERT_STRING_EQUAL(then, returns[i].then);
		rf_plan_destroy(plan);
		rf_hostlist_destroy(list);
	}
}

/* Who has decided already: nobody is asked, and room is his business. */
static void test_exact(void)
{
	static const unsigned place[] = {0, 0, 1, 1, 2};
	static const char *const exact[] = {"d", NULL, "c", "b", "d"};
	const struct rf_plan_now now = {.host = hosts, .hosts = 3, .place = place, .ranks = 5};
	const struct rf_plan_wish wish = {.exact = exact};
	struct rf_error err = {0};
	struct rf_plan *plan = rf_plan_begin(&now, &wish, &err);
	char then[6] = "";
	size_t r;

	CU_ASSERT_PTR_NOT_NULL_FATAL(plan);
	CU_ASSERT_EQUAL(plan->moving, 3);
	CU_ASSERT_EQUAL(plan->targets, 0);
	CU_ASSERT_EQUAL(rf_plan_spread(plan, &err), 0);
	for (r = 0; r < 5; r++)
		then[r] = (char)(plan->host[r][0] - (plan->moves[r] ? 32 : 0));
	CU_ASSERT_STRING_EQUAL(then, "DaCbD");
	rf_plan_destroy(plan);
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
	{"what is proposed is checked against the room", test_proposals},
	{"ranks go home to the hosts that are named, if they are elsewhere", test_home},
	{"who is told exactly goes there", test_exact},
	{"names of hosts, with and without domain", test_same},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("plan", tests);
}
