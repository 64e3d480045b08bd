/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/nearest.h"

#include <string.h>

#define LONGEST 64 /* bytes; longer words are near to none */

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Edits from one to the other (Damerau and Levenshtein, neighbours swapped once). */
static unsigned distance(const char *a, size_t m, const char *b, size_t n)
{
	unsigned row[3][LONGEST + 1], *before = row[0], *last = row[1], *now = row[2], *spare, d;
	size_t i, j;

	for (j = 0; j <= n; j++)
		before[j] = last[j] = (unsigned)j;
	for (i = 1; i <= m; i++) {
		now[0] = (unsigned)i;
		for (j = 1; j <= n; j++) {
			d = least(least(last[j], now[j - 1]) + 1,
				  last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d = least(d, before[j - 2] + 1);
			now[j] = d;
		}
		spare = before;
		before = last;
		last = now;
		now = spare;
	}
	return last[n];
}

const char *rf_nearest(const char *word, const char *const words[])
{
	size_t length = strlen(word), n;
	const char *best = NULL;
	unsigned limit, d;

	if (length > LONGEST)
		return NULL;
	limit = (unsigned)(length + 2) / 3 + 1; /* none is found at this distance */
	for (; *words; words++) {
		n = strlen(*words);
		if (n > LONGEST)
			continue;
		d = distance(word, length, *words, n);
		if (d < limit) {
			limit = d;
			best = *words;
		}
	}
	return best;
}
