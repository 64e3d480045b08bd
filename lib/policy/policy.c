/* SPDX-License-Identifier: BSD-3-Clause */
#include "policy/policy.h"

#include <stdlib.h>
#include <string.h>

#include "policy/value.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)

struct rf_policy *rf_policy_create(struct rf_error *err)
{
	static const struct rf_policy built_in = {
		.snapshot = {.every_ms = RF_POLICY_NEVER,
			     .mtbf_ms = RF_POLICY_AUTO,
			     .overhead = 0.05,
			     .keep = 3,
			     .store = 1 << RF_POLICY_GLOBAL,
			     .before_end_ms = RF_POLICY_NEVER},
		.evacuate = {.time_left_ms = 10 * MINUTE,
			     .deadline_ms = 5 * MINUTE,
			     .max_pause_ms = MINUTE,
			     .parallel = 1},
		.recover = {.retries = 3,
			    .delay_ms = SECOND,
			    .detect_ms = 20 * SECOND,
			    .skip = RF_POLICY_SKIP_FAILED},
		.balance = {.every_ms = MINUTE, .gain = 0.1, .cost_limit = 0.02},
	};
	struct rf_policy *policy = malloc(sizeof(*policy));

	if (policy) {
		*policy = built_in;
		policy->snapshot.compress = strdup("none");
		policy->snapshot.local = strdup("auto");
		policy->hosts.spares = rf_hostlist_create();
		policy->hosts.avoid = rf_hostlist_create();
		policy->placement = strdup("spread");
	}
	if (policy && policy->snapshot.compress && policy->snapshot.local && policy->hosts.spares &&
	    policy->hosts.avoid && policy->placement)
		return policy;
	rf_error_errno(err, "no memory for a policy");
	rf_policy_destroy(policy);
	return NULL;
}

static void free_plugin(struct rf_policy_plugin *plugin)
{
	unsigned i;

	for (i = 0; i < plugin->options; i++) {
		free(plugin->option[i].name);
		free(plugin->option[i].value);
	}
	free(plugin->option);
	free(plugin->use);
}

void rf_policy_free_notify(struct rf_policy_notify *notify, unsigned count)
{
	unsigned i;

	for (i = 0; i < count; i++) {
		free(notify[i].event);
		free_plugin(&notify[i].plugin);
	}
	free(notify);
}

void rf_policy_free_monitors(struct rf_policy_monitor *monitor, unsigned count)
{
	unsigned i;

	for (i = 0; i < count; i++)
		free_plugin(&monitor[i].plugin);
	free(monitor);
}

bool rf_policy_is_exec(const struct rf_policy_plugin *plugin)
{
	return strcmp(plugin->use, "exec") == 0 && plugin->options == 1 &&
	       strcmp(plugin->option[0].name, "command") == 0 && *plugin->option[0].value == '/';
}

void rf_policy_destroy(struct rf_policy *policy)
{
	unsigned i;

	if (!policy)
		return;
	rf_policy_free_notify(policy->notify, policy->notifies);
	rf_policy_free_monitors(policy->monitor, policy->monitors);
	for (i = 0; i < RF_POLICY_KEYS; i++)
		free(policy->origin[i].file);
	free(policy->snapshot.compress);
	free(policy->snapshot.local);
	rf_hostlist_destroy(policy->hosts.spares);
	rf_hostlist_destroy(policy->hosts.avoid);
	free(policy->placement);
	free(policy);
}
