/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "policies.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/read.h"
#include "policy/value.h"
#include "recover.h"
#include "say.h"

struct rf_policies {
	struct rf_policies_options options;
	struct rf_policy *now;
};

int rf_policies_option(struct rf_policies_options *options, const struct option *row, int found,
		       const char *value)
{
	struct rf_policy_said *said = &options->said[options->count];

	if (found == RF_OPTION_POLICY) {
		options->file = value;
		options->text = NULL;
		return 0;
	}
	if (found != RF_OPTION_SET && !rf_recover_key(found))
		return -1;
	if (options->count == RF_POLICIES_SAID)
		return -1;
	options->count++;
	*said = (struct rf_policy_said){
		.option = row->name, .key = rf_recover_key(found), .value = value};
	if (!value) /* an option that is said or not */
		said->value = "yes";
	return 0;
}

/* $XDG_CONFIG_HOME, or ~/.config. NULL: there is no such place. */
static char *user_file(void)
{
	const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	char *path = NULL;

	if (base && *base == '/')
		return asprintf(&path, "%s/rankferry/policy.yaml", base) < 0 ? NULL : path;
	if (!home || *home != '/')
		return NULL;
	return asprintf(&path, "%s/.config/rankferry/policy.yaml", home) < 0 ? NULL : path;
}

static struct rf_policy *load(const struct rf_policies_options *options, const char *file,
			      const char *text, struct rf_policy_faults *faults)
{
	char *user = user_file();
	const struct rf_policy_sources sources = {
		.site = RF_SYSCONFDIR "/rankferry/policy.yaml",
		.user = user,
		.job = file,
		.job_text = text,
		.environment = getenv(RF_POLICY_VARIABLE),
		.said = options->said,
	};
	struct rf_policy *policy = rf_policy_load(&sources, faults);

	free(user);
	return policy;
}

struct rf_policies *rf_policies_load(const struct rf_policies_options *options)
{
	struct rf_policies *policies = calloc(1, sizeof(*policies));
	struct rf_policy_faults faults = {0};
	unsigned i;

	if (!policies) {
		rf_say("no memory for a policy");
		return NULL;
	}
	policies->options = *options;
	policies->now = load(options, options->file, options->text, &faults);
	for (i = 0; i < faults.count && i < RF_POLICY_FAULTS; i++)
		rf_say("%s", faults.line[i] ? faults.line[i] : "no memory for a policy");
	if (faults.count > RF_POLICY_FAULTS)
		rf_say("and %u more", faults.count - RF_POLICY_FAULTS);
	rf_policy_faults_clear(&faults);
	if (policies->now)
		return policies;
	free(policies);
	return NULL;
}

void rf_policies_destroy(struct rf_policies *policies)
{
	if (!policies)
		return;
	rf_policy_destroy(policies->now);
	free(policies);
}

const struct rf_policy *rf_policies_now(const struct rf_policies *policies)
{
	return policies->now;
}

/* ---- changes ---- */

/* The names of the keys in which they differ. */
static json_t *differences(const struct rf_policy *a, const struct rf_policy *b)
{
	json_t *names = json_array();
	char name[RF_KEY_NAME], *one, *other;
	int key;

	for (key = 0; names && key < RF_POLICY_KEYS; key++) {
		one = rf_value_format(a, (enum rf_policy_key)key);
		other = rf_value_format(b, (enum rf_policy_key)key);
		rf_key_name((enum rf_policy_key)key, name);
		if (!one || !other ||
		    (strcmp(one, other) != 0 &&
		     json_array_append_new(names, json_string(name)) < 0)) {
			json_decref(names);
			names = NULL;
		}
		free(one);
		free(other);
	}
	return names;
}

static int refused(const struct rf_policy_faults *faults, struct rf_error *err)
{
	const char *first = faults->line[0] ? faults->line[0] : "no memory for a policy";

	if (faults->count < 2)
		return rf_error_set(err, EINVAL, "%s", first);
	return rf_error_set(err, EINVAL, "%.400s (and %u more)", first, faults->count - 1);
}

json_t *rf_policies_apply(struct rf_policies *policies, const char *file, const char *text,
			  struct rf_error *err)
{
	struct rf_policy_faults faults = {0};
	struct rf_policy *other = load(&policies->options, file, text, &faults), old;
	json_t *names = NULL;

	if (!other || rf_policy_check_change(policies->now, other, &faults) < 0) {
		refused(&faults, err);
	} else {
		names = differences(policies->now, other);
		if (!names)
			rf_error_set(err, ENOMEM, "no memory for a policy");
	}
	if (names) {
		old = *policies->now;
		*policies->now = *other;
		*other = old;
	}
	rf_policy_destroy(other);
	rf_policy_faults_clear(&faults);
	return names;
}

json_t *rf_policies_list(const struct rf_policy *policy)
{
	json_t *rows = json_array(), *row;
	const struct rf_policy_origin *from;
	char name[RF_KEY_NAME], *value;
	int key;

	for (key = 0; rows && key < RF_POLICY_KEYS; key++) {
		value = rf_value_format(policy, (enum rf_policy_key)key);
		rf_key_name((enum rf_policy_key)key, name);
		from = &policy->origin[key];
		row = json_pack("{s:s, s:s*, s:s}", "key", name, "value", value, "layer",
				rf_policy_layer_name(from->layer));
		free(value);
		if (from->file)
			json_object_update_new(row, json_pack("{s:s, s:i}", "file", from->file,
							      "line", from->line));
		if (json_array_append_new(rows, row) < 0) {
			json_decref(rows);
			rows = NULL;
		}
	}
	return rows;
}
