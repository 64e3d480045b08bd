/* SPDX-License-Identifier: BSD-3-Clause */
/* What a policy must be as a whole, and what of it this version acts on. */
#include <stdlib.h>
#include <string.h>

#include "policy/keys.h"
#include "policy/read.h"
#include "policy/value.h"

#define ALL	   UINT32_MAX
#define AUTO_CODEC 1u /* the first of its words */

/*
 * The keys that this version of Rankferry acts on, and of sets and words which ones. Who makes
 * another one work adds it here; until then a policy that has it is refused, and not half obeyed.
 */
static const struct {
	bool acts;
	unsigned words; /* of a set or a word, of a duration's words, of a codec's */
	bool fixed;	/* when the job has begun */
} acts[RF_POLICY_KEYS] = {
	[RF_POLICY_SNAPSHOT_EVERY] = {true, ALL, false},
	[RF_POLICY_SNAPSHOT_MTBF] = {true, ALL, false},
	[RF_POLICY_SNAPSHOT_OVERHEAD] = {true, ALL, false},
	[RF_POLICY_SNAPSHOT_KEEP] = {true, ALL, false},
	[RF_POLICY_SNAPSHOT_STORE] = {true, 1 << RF_POLICY_LOCAL | 1 << RF_POLICY_GLOBAL, true},
	[RF_POLICY_SNAPSHOT_LOCAL] = {true, ALL, true},
	[RF_POLICY_SNAPSHOT_COMPRESS] = {true, ALL & ~AUTO_CODEC, false},
	[RF_POLICY_SNAPSHOT_SAVE_FILES] = {true, ALL, false},
	[RF_POLICY_SNAPSHOT_BEFORE_END] = {true, ALL, false},
	[RF_POLICY_RECOVER_ON] = {true, ALL, false},
	[RF_POLICY_RECOVER_RETRIES] = {true, ALL, false},
	[RF_POLICY_RECOVER_DELAY] = {true, ALL, false},
	/* both ends of each connection have it from their beginning */
	[RF_POLICY_RECOVER_DETECT] = {true, ALL, true},
	[RF_POLICY_RECOVER_SKIP] = {true, 1 << RF_POLICY_SKIP_FAILED, true},
	[RF_POLICY_RECOVER_OVERSUBSCRIBE] = {true, ALL, false},
	[RF_POLICY_EVACUATE_ON] = {true, ALL, false},
	[RF_POLICY_EVACUATE_DEADLINE] = {true, ALL, false},
	[RF_POLICY_EVACUATE_MAX_PAUSE] = {true, ALL, false},
	[RF_POLICY_EVACUATE_PARALLEL] = {true, ALL, false},
	[RF_POLICY_HOSTS_SPARES] = {true, ALL, false},
	[RF_POLICY_HOSTS_AVOID] = {true, ALL, false},
	[RF_POLICY_HOSTS_HOME] = {true, ALL, false},
	[RF_POLICY_BALANCE_ON] = {true, ALL, false},
	[RF_POLICY_BALANCE_EVERY] = {true, ALL, false},
	[RF_POLICY_BALANCE_GAIN] = {true, ALL, false},
	[RF_POLICY_BALANCE_COST_LIMIT] = {true, ALL, false},
	/* a job's plugins are started with it */
	[RF_POLICY_PLACEMENT] = {true, ALL, true},
	[RF_POLICY_NOTIFY] = {true, ALL, true},
	[RF_POLICY_MONITORS] = {true, ALL, true},
};

static int fault_at(struct rf_policy_faults *faults, const struct rf_policy *policy,
		    enum rf_policy_key key, const char *what, const char *word)
{
	const struct rf_policy_origin *at = &policy->origin[key];
	char name[RF_KEY_NAME];

	rf_key_name(key, name);
	return rf_policy_fault(faults, at->file, at->line, at->column, "%s%s%s %s", name,
			       word ? ": " : "", word ? word : "", what);
}

static const char unable[] = "is not acted on by this version of Rankferry";

/* The words of the key that are in the policy, as bits. */
static unsigned words_in(const struct rf_policy *policy, const struct rf_key *key)
{
	const void *at = (const char *)policy + key->offset;
	unsigned i, set = 0;

	switch (key->type) {
	case RF_KEY_WORDS:
		return *(const unsigned *)at;
	case RF_KEY_WORD:
		return 1u << *(const int *)at;
	case RF_KEY_DURATION:
		for (i = 0; key->words[i]; i++)
			if (*(const int64_t *)at ==
			    (strcmp(key->words[i], "auto") == 0 ? RF_POLICY_AUTO : RF_POLICY_NEVER))
				set |= 1u << i;
		return set;
	case RF_KEY_CODEC:
		for (i = 0; key->words[i]; i++)
			if (strcmp(key->words[i], *(char *const *)at) == 0)
				set |= 1u << i;
		return set;
	default:
		return 0;
	}
}

/* Does it ask for nothing to be done? */
static bool is_nothing(const struct rf_policy *policy, enum rf_policy_key number)
{
	const struct rf_key *key = &rf_keys[number];
	const void *at = (const char *)policy + key->offset;

	switch (key->type) {
	case RF_KEY_WORDS:
		return *(const unsigned *)at == 0;
	case RF_KEY_FLAG:
		return !*(const bool *)at;
	case RF_KEY_DURATION:
		return *(const int64_t *)at == RF_POLICY_NEVER;
	case RF_KEY_CODEC:
		return strcmp(*(char *const *)at, "none") == 0;
	case RF_KEY_HOSTS:
		return rf_hostlist_count(*(struct rf_hostlist *const *)at) == 0;
	case RF_KEY_NOTIFY:
		return policy->notifies == 0;
	case RF_KEY_MONITORS:
		return policy->monitors == 0;
	default:
		return number == RF_POLICY_HOSTS_HOME && policy->hosts.home == RF_POLICY_HOME_STAY;
	}
}

int rf_policy_check_acts(const struct rf_policy *policy, struct rf_policy_faults *faults)
{
	unsigned words, i;
	int key, rc = 0;

	for (key = 0; key < RF_POLICY_KEYS; key++) {
		if (policy->origin[key].layer == RF_POLICY_BUILT_IN ||
		    is_nothing(policy, (enum rf_policy_key)key))
			continue;
		if (!acts[key].acts) {
			rc = fault_at(faults, policy, (enum rf_policy_key)key, unable, NULL);
			continue;
		}
		words = words_in(policy, &rf_keys[key]) & ~acts[key].words;
		for (i = 0; words; i++, words >>= 1)
			if (words & 1)
				rc = fault_at(faults, policy, (enum rf_policy_key)key, unable,
					      rf_keys[key].words[i]);
	}
	return rc;
}

/* Where the other one has it from; where the built-in value comes back, where it was. */
static int fault_of_change(struct rf_policy_faults *faults, const struct rf_policy *now,
			   const struct rf_policy *other, enum rf_policy_key key)
{
	return fault_at(faults, other->origin[key].file ? other : now, key,
			"can not change while the job runs", NULL);
}

static bool recovers(const struct rf_policy *policy)
{
	return policy->recover.on && policy->recover.retries > 0;
}

int rf_policy_check_change(const struct rf_policy *now, const struct rf_policy *other,
			   struct rf_policy_faults *faults)
{
	char *a, *b;
	int key, rc = 0;

	for (key = 0; key < RF_POLICY_KEYS; key++) {
		if (!acts[key].fixed)
			continue;
		a = rf_value_format(now, (enum rf_policy_key)key);
		b = rf_value_format(other, (enum rf_policy_key)key);
		if (!a || !b)
			rc = rf_policy_fault(faults, "policy", 0, 0, "no memory for it");
		else if (strcmp(a, b) != 0)
			rc = fault_of_change(faults, now, other, (enum rf_policy_key)key);
		free(a);
		free(b);
	}
	/* hosts that are cut off from a job must know from its beginning that it may go on */
	if (recovers(other) && !recovers(now))
		rc = fault_at(
			faults, other,
			now->recover.retries > 0 ? RF_POLICY_RECOVER_ON : RF_POLICY_RECOVER_RETRIES,
			"that has begun without recovery can not get it while it runs", "a job");
	return rc;
}

int rf_policy_check(const struct rf_policy *policy, struct rf_policy_faults *faults)
{
	const char *host = rf_hostlist_first(policy->hosts.spares);
	enum rf_policy_key key;
	int rc = 0;

	if (policy->evacuate.max_pause_ms > policy->evacuate.deadline_ms) {
		key = policy->origin[RF_POLICY_EVACUATE_MAX_PAUSE].file
			      ? RF_POLICY_EVACUATE_MAX_PAUSE
			      : RF_POLICY_EVACUATE_DEADLINE;
		rc = fault_at(faults, policy, key,
			      key == RF_POLICY_EVACUATE_DEADLINE ? "is shorter than "
								   "evacuate.max_pause"
								 : "is longer than "
								   "evacuate.deadline",
			      NULL);
	}
	for (; host; host = rf_hostlist_next(policy->hosts.spares, host))
		if (rf_hostlist_contains(policy->hosts.avoid, host)) {
			rc = fault_at(faults, policy, RF_POLICY_HOSTS_SPARES,
				      "is in hosts.avoid, too", host);
			break;
		}
	return rc;
}
