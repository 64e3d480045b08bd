/* SPDX-License-Identifier: BSD-3-Clause */
#include "recover.h"

#include <stddef.h>

#include "allocation.h"

const char *rf_recover_key(int option)
{
	static const char *const keys[] = {
		[RF_OPTION_RECOVER - RF_OPTION_RECOVER] = "recover.retries",
		[RF_OPTION_RECOVER_ON - RF_OPTION_RECOVER] = "recover.on",
		[RF_OPTION_RECOVER_DELAY - RF_OPTION_RECOVER] = "recover.delay",
		[RF_OPTION_RECOVER_OVERSUBSCRIBE - RF_OPTION_RECOVER] = "recover.oversubscribe",
		[RF_OPTION_SPARES - RF_OPTION_RECOVER] = "hosts.spares",
		[RF_OPTION_AVOID - RF_OPTION_RECOVER] = "hosts.avoid",
		[RF_OPTION_DETECT - RF_OPTION_RECOVER] = "recover.detect",
		[RF_OPTION_EVERY - RF_OPTION_RECOVER] = "snapshot.every",
		[RF_OPTION_MTBF - RF_OPTION_RECOVER] = "snapshot.mtbf",
		[RF_OPTION_KEEP - RF_OPTION_RECOVER] = "snapshot.keep",
		[RF_OPTION_SAVE_FILES - RF_OPTION_RECOVER] = "snapshot.save_files",
	};

	if (option < RF_OPTION_RECOVER || option >= RF_OPTION_RECOVER_END)
		return NULL;
	return keys[option - RF_OPTION_RECOVER];
}

/* `*to` may be NULL, and is when there are none. */
static int add_hosts(struct rf_hostlist **to, const struct rf_hostlist *from, struct rf_error *err)
{
	if (rf_hostlist_count(from) == 0)
		return 0;
	if (!*to)
		*to = rf_hostlist_create();
	return *to ? rf_hostlist_union(*to, from, err) : rf_error_errno(err, "no memory");
}

/* Where the job has more hosts than it begins on, these are for it to use. */
static int add_allocation(struct rf_hostlist **to, struct rf_error *err)
{
	struct rf_hostlist *hosts = rf_allocation_hosts(NULL);
	/* none; or not understood, and a move will say so */
	int rc = hosts ? add_hosts(to, hosts, err) : 0;

	rf_hostlist_destroy(hosts);
	return rc;
}

int rf_recover_obey(struct rf_recover_options *options, const struct rf_policy *policy,
		    struct rf_error *err)
{
	*options = (struct rf_recover_options){
		/* the words of a policy are these bits, in this order */
		.on = policy->recover.on,
		.retries = policy->recover.on ? policy->recover.retries : 0,
		.delay_ms = policy->recover.delay_ms,
		.detect_ms = policy->recover.detect_ms,
		.oversubscribe = policy->recover.oversubscribe,
	};
	if (add_hosts(&options->spares, policy->hosts.spares, err) < 0 ||
	    add_allocation(&options->spares, err) < 0)
		return -1;
	return add_hosts(&options->avoid, policy->hosts.avoid, err);
}

int rf_recover_change(struct rf_recover_options *options, const struct rf_policy *policy,
		      struct rf_error *err)
{
	struct rf_recover_options other, old = *options;
	int rc = rf_recover_obey(&other, policy, err);

	if (rc == 0)
		*options = other;
	else
		old = other;
	rf_hostlist_destroy(old.spares);
	rf_hostlist_destroy(old.avoid);
	return rc;
}

int64_t rf_recover_delay(const struct rf_recover_options *options, unsigned n)
{
	int64_t ms = options->delay_ms;

	for (; n > 1 && ms < RF_RECOVER_DELAY_MAX; n--)
		ms *= 2;
	return ms < RF_RECOVER_DELAY_MAX ? ms : RF_RECOVER_DELAY_MAX;
}
