/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lists of host names: "node[1-4,7],x[01-03]". Flux RFC 29 is the model; here a list keeps each
 *name once, in the order in which names were first added, and a name has at most one [...].
 *
 *	list  = item *("," item)
 *	item  = name | prefix "[" range *("," range) "]" suffix
 *	range = number | number "-" number
 *
 * Names are of letters, digits, '.', '_' and '-'. A number with leading zeros fixes the width: both
 * ends of its range must have that many digits.
 */
#ifndef RF_UTIL_HOSTLIST_H
#define RF_UTIL_HOSTLIST_H

#include <stdbool.h>
#include <stddef.h>

#include "util/error.h"

#define RF_HOSTLIST_MAX	 65536 /* hosts in a list */
#define RF_HOSTLIST_NAME 253   /* bytes of a name, as in DNS */

struct rf_hostlist;

/* An empty list. NULL (out of memory) sets errno. destroy(NULL) is allowed. */
struct rf_hostlist *rf_hostlist_create(void);
void rf_hostlist_destroy(struct rf_hostlist *list);

/* A list from text. NULL and `err`, with the position in the text, unless it is one as above. */
struct rf_hostlist *rf_hostlist_parse(const char *text, struct rf_error *err);

/* The shortest text that parses back to the same list; the caller frees it. "" for an empty list.
 */
char *rf_hostlist_format(const struct rf_hostlist *list);

size_t rf_hostlist_count(const struct rf_hostlist *list);
bool rf_hostlist_contains(const struct rf_hostlist *list, const char *name);

/* Adds one name at the end, unless it is there already. */
int rf_hostlist_add(struct rf_hostlist *list, const char *name, struct rf_error *err);
/* Removes one name. Returns whether it was there. */
bool rf_hostlist_remove(struct rf_hostlist *list, const char *name);

/* list = list with all of `other` added (union), or without any of `other` (difference). */
int rf_hostlist_union(struct rf_hostlist *list, const struct rf_hostlist *other,
		      struct rf_error *err);
void rf_hostlist_subtract(struct rf_hostlist *list, const struct rf_hostlist *other);

/* The first name, and the one after `name` (which must come from this list); NULL at the end. */
const char *rf_hostlist_first(const struct rf_hostlist *list);
const char *rf_hostlist_next(const struct rf_hostlist *list, const char *name);

#endif
