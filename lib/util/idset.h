/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sets of ids (ranks, CPUs): "0-3,7", as in Flux RFC 22: ascending, each id once, no leading zeros;
 * the whole may stand in [...]. Kept as sorted ranges, so "0-1000000" costs as much as "0".
 */
#ifndef RF_UTIL_IDSET_H
#define RF_UTIL_IDSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

#define RF_IDSET_MAX  (UINT32_MAX - 1) /* the largest id */
#define RF_IDSET_NONE UINT32_MAX       /* no id */

struct rf_idset;

/* An empty set; NULL (out of memory) sets errno. destroy(NULL) is allowed. */
struct rf_idset *rf_idset_create(void);
void rf_idset_destroy(struct rf_idset *set);

/* From text ("" is the empty set); NULL and `err` with the position in the text. */
struct rf_idset *rf_idset_parse(const char *text, struct rf_error *err);

/* The shortest text that parses back to the same set; the caller frees it. "" for the empty set. */
char *rf_idset_format(const struct rf_idset *set);

uint64_t rf_idset_count(const struct rf_idset *set);
bool rf_idset_contains(const struct rf_idset *set, uint32_t id);

/* Adds or removes first to last, both included. -1 if first > last, last > RF_IDSET_MAX, no memory.
 */
int rf_idset_add(struct rf_idset *set, uint32_t first, uint32_t last, struct rf_error *err);
int rf_idset_remove(struct rf_idset *set, uint32_t first, uint32_t last, struct rf_error *err);

/* set = set with all of `other` (union), or without any of `other` (difference). */
int rf_idset_union(struct rf_idset *set, const struct rf_idset *other, struct rf_error *err);
int rf_idset_subtract(struct rf_idset *set, const struct rf_idset *other, struct rf_error *err);

/* The smallest id, and the smallest above `id`; RF_IDSET_NONE at the end. */
uint32_t rf_idset_first(const struct rf_idset *set);
uint32_t rf_idset_next(const struct rf_idset *set, uint32_t id);

#endif
