/* SPDX-License-Identifier: BSD-3-Clause */
#include "unit.h"

#include <string.h>

#include "policy/policy.h"

static void test_null(void)
{
	rf_policy_destroy(NULL);
}

static void test_built_in(void)
{
	struct rf_policy *policy = rf_policy_create(NULL);
	unsigned i;

	CU_ASSERT_PTR_NOT_NULL_FATAL(policy);
	CU_ASSERT_EQUAL(policy->snapshot.every_ms, RF_POLICY_NEVER);
	CU_ASSERT_EQUAL(policy->snapshot.store, 1 << RF_POLICY_GLOBAL);
	CU_ASSERT_STRING_EQUAL(policy->snapshot.compress, "none");
	CU_ASSERT_EQUAL(policy->evacuate.on, 0);
	CU_ASSERT_EQUAL(policy->recover.on, 0);
	CU_ASSERT_EQUAL(policy->recover.oversubscribe, false);
	CU_ASSERT_EQUAL(policy->balance.on, 0);
	CU_ASSERT_EQUAL(rf_hostlist_count(policy->hosts.spares), 0);
	CU_ASSERT_EQUAL(rf_hostlist_count(policy->hosts.avoid), 0);
	CU_ASSERT_EQUAL(policy->notifies, 0);
	CU_ASSERT_EQUAL(policy->monitors, 0);
	for (i = 0; i < RF_POLICY_KEYS; i++) {
		CU_ASSERT_EQUAL(policy->origin[i].layer, RF_POLICY_BUILT_IN);
		CU_ASSERT_PTR_NULL(policy->origin[i].file);
	}
	rf_policy_destroy(policy);
}

static const struct unit_test tests[] = {
	{"no policy is freed", test_null},
	{"without a file a job does nothing by itself", test_built_in},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("policy", tests);
}
