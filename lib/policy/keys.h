/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The keys of a policy, one row each: what a file is read by, and what the JSON schema, `policy
 * show' and the checks of the man page are made from.
 */
#ifndef RF_POLICY_KEYS_H
#define RF_POLICY_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/policy.h"

#define RF_KEY_NAME	48   /* bytes of "section.key" */
#define RF_KEY_PLACES	64   /* members of notify and of monitors, options of a plugin */
#define RF_KEY_TEXT	1023 /* bytes of an option's value */
#define RF_KEY_PATH_MAX 200  /* bytes of a directory's path */

enum rf_key_type {
	RF_KEY_DURATION, /* int64_t */
	RF_KEY_COUNT,	 /* unsigned */
	RF_KEY_PERCENT,	 /* double */
	RF_KEY_FLAG,	 /* bool */
	RF_KEY_WORD,	 /* int: a word's index */
	RF_KEY_WORDS,	 /* unsigned: a set of words */
	RF_KEY_CODEC,	 /* char *: a word, or zstd:LEVEL */
	RF_KEY_HOSTS,	 /* struct rf_hostlist * */
	RF_KEY_NAME_OF,	 /* char *: of a plugin */
	RF_KEY_PATH,	 /* char *: a word, or an absolute path */
	RF_KEY_NOTIFY,
	RF_KEY_MONITORS,
};

struct rf_key {
	const char *section; /* NULL: it stands by itself */
	const char *name;
	enum rf_key_type type;
	size_t offset; /* in struct rf_policy */
	/* NULL at the end. Of a duration: "never" and "auto" beside one. */
	const char *const *words;
	/* The word of a set that a duration may follow, and the duration's place. */
	const char *timed;
	size_t time;
	/* The range: milliseconds, numbers, or thousandths of a percent. */
	int64_t least, most;
	const char *what; /* in a sentence */
};

extern const struct rf_key rf_keys[RF_POLICY_KEYS];
extern const char *const rf_key_sections[]; /* NULL at the end */

/* "recover.retries", "placement" */
void rf_key_name(enum rf_policy_key key, char name[RF_KEY_NAME]);

/* RF_POLICY_KEYS: there is none. */
enum rf_policy_key rf_key_find(const char *section, const char *name);

/* The range in words, "1s to 30d"; for the types that have one. */
#define RF_KEY_RANGE 64
void rf_key_range(const struct rf_key *key, char text[RF_KEY_RANGE]);

#endif
