/* SPDX-License-Identifier: BSD-3-Clause */
#include "recover.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "detect.h"
#include "util/duration.h"

#define UNSAID INT64_C(-3) /* every_ms, until rf_recover_finish() */

void rf_recover_init(struct rf_recover_options *options, struct rf_periodic_options *periodic)
{
	*options = (struct rf_recover_options){
		.on = RF_RECOVER_ON, .delay_ms = RF_RECOVER_DELAY_MS, .detect_ms = RF_DETECT_MS};
	*periodic = (struct rf_periodic_options){
		.interval = {UNSAID, RF_INTERVAL_AUTO, RF_INTERVAL_OVERHEAD},
		.keep = RF_PERIODIC_KEEP};
}

static int copy_hosts(struct rf_hostlist **to, const struct rf_hostlist *from, struct rf_error *err)
{
	if (rf_hostlist_count(from) == 0)
		return 0;
	*to = rf_hostlist_create();
	return *to ? rf_hostlist_union(*to, from, err) : rf_error_errno(err, "no memory");
}

int rf_recover_obey(struct rf_recover_options *options, struct rf_periodic_options *periodic,
		    const struct rf_policy *policy, struct rf_error *err)
{
	if (policy->origin[RF_POLICY_SNAPSHOT_EVERY].layer != RF_POLICY_BUILT_IN)
		periodic->interval.every_ms = policy->snapshot.every_ms;
	periodic->interval.mtbf_ms = policy->snapshot.mtbf_ms;
	periodic->interval.overhead = policy->snapshot.overhead;
	periodic->keep = policy->snapshot.keep;
	/* the words of a policy are these bits, in this order */
	if (policy->recover.on) {
		options->on = policy->recover.on;
		options->retries = policy->recover.retries;
	}
	options->delay_ms = policy->recover.delay_ms;
	options->detect_ms = policy->recover.detect_ms;
	options->oversubscribe = policy->recover.oversubscribe;
	if (copy_hosts(&options->spares, policy->hosts.spares, err) < 0)
		return -1;
	return copy_hosts(&options->avoid, policy->hosts.avoid, err);
}

void rf_recover_finish(const struct rf_recover_options *options,
		       struct rf_periodic_options *periodic)
{
	if (periodic->interval.every_ms == UNSAID)
		periodic->interval.every_ms =
			options->retries > 0 ? RF_INTERVAL_AUTO : RF_INTERVAL_NEVER;
}

/* A number from `least` to `most`. */
static int read_count(const char *option, const char *value, unsigned least, unsigned most,
		      unsigned *count, struct rf_error *err)
{
	unsigned long n;
	char *end;

	n = strtoul(value, &end, 10);
	if (*value < '0' || *value > '9' || *end || n < least || n > most)
		return rf_error_set(err, EINVAL, "%s %s: a number from %u to %u is needed", option,
				    value, least, most);
	*count = (unsigned)n;
	return 0;
}

/* A time of at least a second, or a word in its place. */
static int read_time(const char *option, const char *value, const char *const words[],
		     const int64_t meanings[], int64_t *ms, struct rf_error *err)
{
	unsigned i;

	for (i = 0; words[i]; i++) {
		if (strcmp(value, words[i]) == 0) {
			*ms = meanings[i];
			return 0;
		}
	}
	if (rf_duration_parse(value, ms, err) < 0)
		return rf_error_prefix(err, "%s", option);
	if (*ms < 1000)
		return rf_error_set(err, ERANGE, "%s %s: at least 1s", option, value);
	return 0;
}

static int read_events(const char *value, unsigned *on, struct rf_error *err)
{
	static const struct {
		const char *name;
		enum rf_recover_on event;
	} events[] = {
		{"host_lost", RF_RECOVER_HOST_LOST},
		{"rank_failed", RF_RECOVER_RANK_FAILED},
		{"rank_exit", RF_RECOVER_RANK_EXIT},
	};
	const char *at = value;
	unsigned found = 0;

	do {
		size_t n = strcspn(at, ","), i, known = sizeof(events) / sizeof(events[0]);

		for (i = 0; i < known; i++)
			if (n == strlen(events[i].name) && strncmp(at, events[i].name, n) == 0)
				break;
		if (i == known)
			return rf_error_set(err, EINVAL,
					    "--recover-on: '%.*s' is not host_lost, rank_failed or "
					    "rank_exit",
					    (int)n, at);
		found |= events[i].event;
		at += n;
	} while (*at++ == ',');
	*on = found;
	return 0;
}

static int read_hosts(const char *option, const char *value, struct rf_hostlist **list,
		      struct rf_error *err)
{
	rf_hostlist_destroy(*list);
	*list = rf_hostlist_parse(value, err);
	return *list ? 0 : rf_error_prefix(err, "%s", option);
}

static int read_detect(const char *value, int64_t *ms, struct rf_error *err)
{
	if (rf_duration_parse(value, ms, err) < 0)
		return rf_error_prefix(err, "--detect");
	if (*ms < RF_DETECT_MIN_MS || *ms > RF_DETECT_MAX_MS)
		return rf_error_set(err, ERANGE, "--detect %s: at least %ds and at most %dm", value,
				    RF_DETECT_MIN_MS / 1000, RF_DETECT_MAX_MS / 60000);
	return 0;
}

int rf_recover_option(struct rf_recover_options *options, struct rf_periodic_options *periodic,
		      int option, const char *value, struct rf_error *err)
{
	static const char *const words[] = {"auto", "never", NULL}, *const just_auto[] = {"auto",
											  NULL};
	static const int64_t meanings[] = {RF_INTERVAL_AUTO, RF_INTERVAL_NEVER};

	switch (option) {
	case RF_OPTION_EVERY:
		return read_time("--every", value, words, meanings, &periodic->interval.every_ms,
				 err);
	case RF_OPTION_MTBF:
		return read_time("--mtbf", value, just_auto, meanings, &periodic->interval.mtbf_ms,
				 err);
	case RF_OPTION_KEEP:
		return read_count("--keep", value, 1, RF_PERIODIC_KEEP_MAX, &periodic->keep, err);
	case RF_OPTION_RECOVER:
		return read_count("--recover", value, 0, RF_RECOVER_RETRIES, &options->retries,
				  err);
	case RF_OPTION_RECOVER_ON:
		return read_events(value, &options->on, err);
	case RF_OPTION_RECOVER_DELAY:
		if (rf_duration_parse(value, &options->delay_ms, err) < 0)
			return rf_error_prefix(err, "--recover-delay");
		return 0;
	case RF_OPTION_RECOVER_OVERSUBSCRIBE:
		options->oversubscribe = true;
		return 0;
	case RF_OPTION_SPARES:
		return read_hosts("--spares", value, &options->spares, err);
	case RF_OPTION_AVOID:
		return read_hosts("--avoid", value, &options->avoid, err);
	case RF_OPTION_DETECT:
		return read_detect(value, &options->detect_ms, err);
	}
	return rf_error_set(err, EINVAL, "option %d", option);
}

int64_t rf_recover_delay(const struct rf_recover_options *options, unsigned n)
{
	int64_t ms = options->delay_ms;

	for (; n > 1 && ms < RF_RECOVER_DELAY_MAX; n--)
		ms *= 2;
	return ms < RF_RECOVER_DELAY_MAX ? ms : RF_RECOVER_DELAY_MAX;
}
