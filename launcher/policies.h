/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The policy that holds for a job, from all of its layers (policy/read.h), and what of it may be
 * exchanged while the job runs.
 */
#ifndef RF_LAUNCHER_POLICIES_H
#define RF_LAUNCHER_POLICIES_H

#include <jansson.h>

#include "policy/policy.h"
#include "policy/read.h"
#include "util/error.h"

#define RF_POLICIES_SAID 48 /* options of a command line */

struct rf_policies;
struct option; /* of getopt_long(3) */

/* What a command line says about policies. Zeroed: nothing. */
struct rf_policies_options {
	const char *file; /* --policy, or NULL */
	const char *text; /* what is in it, if it has been read already; or NULL */
	struct rf_policy_said said[RF_POLICIES_SAID + 1];
	unsigned count;
};

/* clang-format off */
#define RF_POLICIES_LONG_OPTIONS \
	{"policy", required_argument, NULL, RF_OPTION_POLICY}, \
	{"set", required_argument, NULL, RF_OPTION_SET}
/* clang-format on */
#define RF_OPTION_POLICY 500
#define RF_OPTION_SET	 501

/*
 * Takes what getopt_long() has found: `found` is the value that it returned, and `row` that of its
 * table, which is looked at only if it is one. Those of recover.h, too. -1: it is none of these, or
 * there are too many.
 */
int rf_policies_option(struct rf_policies_options *options, const struct option *row, int found,
		       const char *value);

/*
 * Reads all layers. Says what is wrong, a line each, and returns NULL. What `options` points to
 * must stay valid.
 */
struct rf_policies *rf_policies_load(const struct rf_policies_options *options);
void rf_policies_destroy(struct rf_policies *policies);

/* The policy that holds; always at the same address, see policy/policy.h. */
const struct rf_policy *rf_policies_now(const struct rf_policies *policies);

/*
 * Another file takes the place of the job's; the other layers are read again. All of it is taken
 * over, or nothing. Returns the names of the keys that have another value now, an array for the
 * caller, or NULL and `err`.
 */
json_t *rf_policies_apply(struct rf_policies *policies, const char *file, const char *text,
			  struct rf_error *err);

/* The values and where they come from, a row each: key, value, layer, and for all but what is built
 * in, file and line. For the caller; NULL: no memory. */
json_t *rf_policies_list(const struct rf_policy *policy);

#endif
