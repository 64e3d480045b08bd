/* SPDX-License-Identifier: BSD-3-Clause */
#include "unit.h"

#include <string.h>

#include "launcher/refuge.h"

static const struct rf_plan_host known[] = {{"a", 4}, {"b", 2}, {"c", 6}};

static const struct {
	const char *now; /* of each rank, its host */
	const char *failed, *avoid, *spares;
	bool oversubscribe;
	const char *then; /* or why not, behind '!' */
} cases[] = {
	/* nothing is wrong with the hosts */
	{"aabb", NULL, NULL, NULL, false, "aabb"},
	/* free CPUs of the job's other hosts, most of them first */
	{"aabb", "b", NULL, NULL, false, "aaaa"},
	{"abbc", "b", NULL, NULL, false, "accc"},
	{"aaabbcccc", "b", NULL, NULL, false, "aaacacccc"},
	/* no room */
	{"aaabb", "b", NULL, NULL, false, "!no host is left that has room for rank 4 of b"},
	{"aaabb", "b", NULL, NULL, true, "aaaaa"},
	{"aaaabb", "a", NULL, NULL, true, "bbbbbb"},
	{"bb", "b", NULL, NULL, true, "!no host is left that has room for rank 0 of b"},
	/* a host may have had more ranks than CPUs before, and keeps them */
	{"bbbbaa", "a", NULL, NULL, false, "!no host is left that has room for rank 4 of a"},
	{"bbbbaa", "a", NULL, NULL, true, "bbbbbb"},
	/* spares, as many ranks on each as the fullest host had */
	{"aabb", "b", NULL, "d,e", false, "aadd"},
	{"aabb", "a,b", NULL, "d,e", false, "ddee"},
	{"aabb", "b,d", NULL, "d,e", false, "aaee"},
	{"aaaabb", "a", NULL, "d", false, "ddddbb"},
	{"aabb", "a,b", NULL, "d", false, "!no host is left that has room for rank 2 of b"},
	{"aabb", "a,b", NULL, "d", true, "dddd"},
	/* a spare that is in use already takes what it has room for */
	{"ddcc", "c", NULL, "d,e", false, "ddee"},
	{"dccc", "c", NULL, "d,e", false, "deee"},
	/* what is to be avoided is left, and is no refuge */
	{"aabb", NULL, "b", NULL, false, "aaaa"},
	{"aabb", "b", "d", "d,e", false, "aaee"},
	/* the same host by another name */
	{"aabb", "b.site", NULL, NULL, false, "aaaa"},
};

static void test_find(void)
{
	size_t i, r;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rf_hostlist *failed = NULL, *avoid = NULL, *spares = NULL;
		char names[16][2], *now[16], then[17] = "", **found;
		struct rf_refuge refuge = {.now = now, .host = known, .hosts = 3};
		struct rf_error err = {0};

		refuge.ranks = (unsigned)strlen(cases[i].now);
		for (r = 0; r < refuge.ranks; r++) {
			names[r][0] = cases[i].now[r];
			names[r][1] = '\0';
			now[r] = names[r];
		}
		if (cases[i].failed)
			refuge.failed = failed = rf_hostlist_parse(cases[i].failed, &err);
		if (cases[i].avoid)
			refuge.avoid = avoid = rf_hostlist_parse(cases[i].avoid, &err);
		if (cases[i].spares)
			refuge.spares = spares = rf_hostlist_parse(cases[i].spares, &err);
		refuge.oversubscribe = cases[i].oversubscribe;
		found = rf_refuge_find(&refuge, &err);
		if (*cases[i].then == '!') {
			CU_ASSERT_PTR_NULL(found);
			CU_ASSERT_STRING_EQUAL(err.text, cases[i].then + 1);
		} else {
			CU_ASSERT_PTR_NOT_NULL_FATAL(found);
			for (r = 0; r < refuge.ranks; r++)
				then[r] = found[r][0];
			CU_ASSERT_STRING_EQUAL(then, cases[i].then);
		}
		rf_refuge_free(found, refuge.ranks);
		rf_hostlist_destroy(failed);
		rf_hostlist_destroy(avoid);
		rf_hostlist_destroy(spares);
	}
}

static const struct unit_test tests[] = {
	{"where ranks of failed hosts go", test_find},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("refuge", tests);
}
