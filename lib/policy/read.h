/* SPDX-License-Identifier: BSD-3-Clause */
/* A policy from its layers: files and other texts, each over those below it. */
#ifndef RF_POLICY_READ_H
#define RF_POLICY_READ_H

#include <stddef.h>

#include "policy/faults.h"
#include "policy/policy.h"

/*
 * Reads a text over what is in the policy: values that it names are replaced, as a whole, and get
 * their origin. -1, with a fault for each thing that is wrong: the policy is not to be used.
 */
int rf_policy_read(struct rf_policy *policy, enum rf_policy_layer layer, const char *file,
		   const char *text, size_t size, struct rf_policy_faults *faults);

/* The same for a file. One that does not exist is a fault, unless it may be absent. */
int rf_policy_read_file(struct rf_policy *policy, enum rf_policy_layer layer, const char *file,
			bool may_be_absent, struct rf_policy_faults *faults);

/*
 * What an option of a command line says. Without a key the value is "KEY=VALUE", as in
 * "recover.retries=5", with a value as in a file. With one it is a text, or words with commas
 * between them.
 */
struct rf_policy_said {
	const char *option; /* its name, "set"; NULL ends a list */
	const char *key;
	const char *value;
};

/* The same for one of these; its faults have no place. */
int rf_policy_say(struct rf_policy *policy, const struct rf_policy_said *said,
		  struct rf_policy_faults *faults);

/* Is it consistent as a whole? */
int rf_policy_check(const struct rf_policy *policy, struct rf_policy_faults *faults);

/*
 * Does this version of Rankferry act on all of it? What is built in does not count, and what asks
 * for nothing neither.
 */
int rf_policy_check_acts(const struct rf_policy *policy, struct rf_policy_faults *faults);

/* Can it take the place of `now` while the job runs? */
int rf_policy_check_change(const struct rf_policy *now, const struct rf_policy *other,
			   struct rf_policy_faults *faults);

struct rf_policy_sources {
	const char *site, *user; /* files; need not exist; NULL: none */
	const char *job;	 /* a file; NULL: none */
	const char *job_text;	 /* then the file has been read already; NULL: not */
	const char *environment; /* of the variable: a policy, or a file's absolute path */
	const struct rf_policy_said *said; /* the command line, ended as a list; NULL: nothing */
};

#define RF_POLICY_VARIABLE "RANKFERRY_POLICY"

/* All of it, checked. NULL, with a fault or more, if anything of it is wrong. */
struct rf_policy *rf_policy_load(const struct rf_policy_sources *sources,
				 struct rf_policy_faults *faults);

/*
 * A text that, read over the layers below `from`, gives the same again: the values that are from
 * that layer or a stronger one; "" if there are none. To be freed; NULL: no memory.
 */
char *rf_policy_format(const struct rf_policy *policy, enum rf_policy_layer from);

/* "built-in", "site", "user", "job", "environment", "command line" */
const char *rf_policy_layer_name(enum rf_policy_layer layer);

#endif
