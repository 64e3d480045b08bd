/* SPDX-License-Identifier: BSD-3-Clause */
/* The word that somebody may have meant. */
#ifndef RF_UTIL_NEAREST_H
#define RF_UTIL_NEAREST_H

/*
 * The one of `words` (NULL at the end) that `word` can be mistyped for: a third of its letters, at
 * most, left out, added, changed or swapped with their neighbour. The first of equals; NULL if none
 * is so near.
 */
const char *rf_nearest(const char *word, const char *const words[]);

#endif
