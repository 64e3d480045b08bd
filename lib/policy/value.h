/* SPDX-License-Identifier: BSD-3-Clause */
/* One key's value: from a node of a file into a policy, and back to text. */
#ifndef RF_POLICY_VALUE_H
#define RF_POLICY_VALUE_H

#include "policy/keys.h"
#include "policy/node.h"

/* Where values are read from, and where faults go. */
struct rf_reading {
	struct rf_policy *policy;
	const char *file;
	struct rf_policy_faults *faults;
};

/* Sets the key's place in the policy. -1, with a fault or more: it is as it was. */
int rf_value_read(struct rf_reading *reading, const struct rf_key *key, const struct rf_node *node);

/* The same for the lists of notify and monitors. */
int rf_value_read_notify(struct rf_reading *reading, const struct rf_key *key,
			 const struct rf_node *node);
int rf_value_read_monitors(struct rf_reading *reading, const struct rf_key *key,
			   const struct rf_node *node);

/* Adds a fault at the node's place. Returns -1. */
int rf_value_fault(struct rf_reading *reading, const struct rf_node *node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* "; did you mean 'X'?", or `otherwise` and the words, with commas, or nothing. */
#define RF_VALUE_HINT 256
void rf_value_hint(const char *word, const char *const words[], const char *otherwise,
		   char hint[RF_VALUE_HINT]);

/* A duration in the range of a key. `name` stands in faults. */
int rf_value_read_duration(struct rf_reading *reading, const struct rf_key *key, const char *name,
			   const struct rf_node *node, const char *text, int64_t *ms);

/* A name of a plugin, or of one of its options. */
bool rf_value_good_name(const char *name);

/*
 * The value as it could stand in a file, in one line: read again, it is the same. The caller frees
 * it. NULL: no memory.
 */
char *rf_value_format(const struct rf_policy *policy, enum rf_policy_key key);

/* Entries of a policy, or of what may become one. */
void rf_policy_free_notify(struct rf_policy_notify *notify, unsigned count);
void rf_policy_free_monitors(struct rf_policy_monitor *monitor, unsigned count);

/* Has it been read from `exec: PATH'? */
bool rf_policy_is_exec(const struct rf_policy_plugin *plugin);

#endif
