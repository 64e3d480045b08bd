/* SPDX-License-Identifier: BSD-3-Clause */
/* A policy is refused with its faults, or each of its values formats to a text that means the same.
 */
#include "fuzz.h"

#include <ctype.h>

#include "policy/explain.h"
#include "policy/keys.h"
#include "policy/read.h"
#include "policy/value.h"

static struct rf_policy *create(void)
{
	struct rf_policy *policy = rf_policy_create(NULL);

	FUZZ_CHECK(policy);
	return policy;
}

/* "FILE:", and then LINE:COLUMN unless it is of the whole file. */
static void check_faults(struct rf_policy_faults *faults)
{
	unsigned i;

	FUZZ_CHECK(faults->count > 0);
	for (i = 0; i < faults->count && i < RF_POLICY_FAULTS; i++) {
		FUZZ_CHECK(strncmp(faults->line[i], "f:", 2) == 0);
		FUZZ_CHECK(isdigit((unsigned char)faults->line[i][2]) || faults->line[i][2] == ' ');
		FUZZ_CHECK(!strchr(faults->line[i], '\n'));
	}
	rf_policy_faults_clear(faults);
}

static void check_key(const struct rf_policy *policy, enum rf_policy_key key)
{
	char name[RF_KEY_NAME], *text = rf_value_format(policy, key), *again, *assignment;
	struct rf_policy_faults faults = {0};
	struct rf_policy_said said = {.option = "set"};
	struct rf_policy *other = create();

	rf_key_name(key, name);
	FUZZ_CHECK(text);
	assignment = malloc(strlen(name) + strlen(text) + 2);
	FUZZ_CHECK(assignment);
	sprintf(assignment, "%s=%s", name, text);
	said.value = assignment;
	/* quoting can make it longer than a policy may be */
	if (strlen(text) < 16384)
		FUZZ_CHECK(rf_policy_say(other, &said, &faults) == 0);
	else if (rf_policy_say(other, &said, &faults) < 0)
		goto out;
	again = rf_value_format(other, key);
	FUZZ_CHECK(again && strcmp(text, again) == 0);
	free(again);
out:
	rf_policy_faults_clear(&faults);
	rf_policy_destroy(other);
	free(assignment);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rf_policy_faults faults = {0};
	struct rf_policy *policy = create();
	char *text;
	int key;

	if (rf_policy_read(policy, RF_POLICY_JOB, "f", (const char *)data, size, &faults) < 0) {
		check_faults(&faults);
		rf_policy_destroy(policy);
		return 0;
	}
	FUZZ_CHECK(faults.count == 0);
	for (key = 0; key < RF_POLICY_KEYS; key++)
		check_key(policy, (enum rf_policy_key)key);
	rf_policy_check(policy, &faults);
	rf_policy_check_acts(policy, &faults);
	rf_policy_faults_clear(&faults);
	text = rf_policy_explain(policy);
	FUZZ_CHECK(text && *text);
	free(text);
	rf_policy_destroy(policy);
	return 0;
}
