/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/idset.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct range {
	uint32_t first, last;
};

/* Invariant: ascending, and between two ranges at least one id is missing. */
struct rf_idset {
	struct range *ranges;
	size_t n, room;
};

struct rf_idset *rf_idset_create(void)
{
	return calloc(1, sizeof(struct rf_idset));
}

void rf_idset_destroy(struct rf_idset *set)
{
	if (!set)
		return;
	free(set->ranges);
	free(set);
}

/* Index of the first range that ends at or behind `id`; set->n if there is none. */
static size_t search(const struct rf_idset *set, uint32_t id)
{
	size_t low = 0, high = set->n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (set->ranges[middle].last < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool rf_idset_contains(const struct rf_idset *set, uint32_t id)
{
	size_t i = set ? search(set, id) : 0;

	return set && i < set->n && set->ranges[i].first <= id;
}

uint64_t rf_idset_count(const struct rf_idset *set)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; set && i < set->n; i++)
		sum += (uint64_t)set->ranges[i].last - set->ranges[i].first + 1;
	return sum;
}

/* Replaces `old` ranges at `at` by `count` new ones. */
static int splice(struct rf_idset *set, size_t at, size_t old, const struct range *fresh,
		  size_t count, struct rf_error *err)
{
	size_t n = set->n - old + count, room = set->room;
	struct range *larger;

	if (n > room) {
		room = room ? 2 * room : 8;
		larger = reallocarray(set->ranges, room, sizeof(*larger));
		if (!larger)
			return rf_error_errno(err, "id set");
		set->ranges = larger;
		set->room = room;
	}
	memmove(set->ranges + at + count, set->ranges + at + old,
		(set->n - at - old) * sizeof(*set->ranges));
	if (count)
		memcpy(set->ranges + at, fresh, count * sizeof(*fresh));
	set->n = n;
	return 0;
}

static int check_range(const struct rf_idset *set, uint32_t first, uint32_t last,
		       struct rf_error *err)
{
	if (!set || first > last || last > RF_IDSET_MAX)
		return rf_error_set(err, EINVAL, "ids %u to %u are not a range", first, last);
	return 0;
}

int rf_idset_add(struct rf_idset *set, uint32_t first, uint32_t last, struct rf_error *err)
{
	struct range merged = {first, last};
	size_t at, end;

	if (check_range(set, first, last, err) < 0)
		return -1;
	at = search(set, first ? first - 1 : 0); /* neighbours are joined */
	for (end = at; end < set->n && set->ranges[end].first <= last + 1; end++) {
		if (set->ranges[end].first < merged.first)
			merged.first = set->ranges[end].first;
		if (set->ranges[end].last > merged.last)
			merged.last = set->ranges[end].last;
	}
	return splice(set, at, end - at, &merged, 1, err);
}

int rf_idset_remove(struct rf_idset *set, uint32_t first, uint32_t last, struct rf_error *err)
{
	struct range left[2];
	size_t at, end, n = 0;

	if (check_range(set, first, last, err) < 0)
		return -1;
	at = search(set, first);
	for (end = at; end < set->n && set->ranges[end].first <= last; end++) {
		if (set->ranges[end].first < first)
			left[n++] = (struct range){set->ranges[end].first, first - 1};
		if (set->ranges[end].last > last)
			left[n++] = (struct range){last + 1, set->ranges[end].last};
	}
	return splice(set, at, end - at, left, n, err);
}

int rf_idset_union(struct rf_idset *set, const struct rf_idset *other, struct rf_error *err)
{
	size_t i;

	for (i = 0; other && other != set && i < other->n; i++)
		if (rf_idset_add(set, other->ranges[i].first, other->ranges[i].last, err) < 0)
			return -1;
	return 0;
}

int rf_idset_subtract(struct rf_idset *set, const struct rf_idset *other, struct rf_error *err)
{
	size_t i;

	if (set && set == other)
		set->n = 0;
	for (i = 0; other && i < other->n; i++)
		if (rf_idset_remove(set, other->ranges[i].first, other->ranges[i].last, err) < 0)
			return -1;
	return 0;
}

uint32_t rf_idset_first(const struct rf_idset *set)
{
	return set && set->n ? set->ranges[0].first : RF_IDSET_NONE;
}

uint32_t rf_idset_next(const struct rf_idset *set, uint32_t id)
{
	size_t i;

	if (!set || id >= RF_IDSET_MAX)
		return RF_IDSET_NONE;
	i = search(set, id + 1);
	if (i == set->n)
		return RF_IDSET_NONE;
	return set->ranges[i].first > id + 1 ? set->ranges[i].first : id + 1;
}

/* One id at *at, which is moved behind it. NULL, or what is wrong. */
static const char *parse_id(const char **at, uint32_t *id)
{
	size_t digits = strspn(*at, "0123456789");
	unsigned long long value;

	if (digits == 0)
		return "a number is missing";
	if (**at == '0' && digits > 1)
		return "numbers have no leading zeros";
	value = digits > 10 ? UINT64_MAX : strtoull(*at, NULL, 10);
	if (value > RF_IDSET_MAX)
		return "this number is too large";
	*id = (uint32_t)value;
	*at += digits;
	return NULL;
}

/* All ranges up to `end`. NULL, or what is wrong at *at. */
static const char *parse_ranges(struct rf_idset *set, const char **at, const char *end)
{
	const char *fault, *start;
	uint32_t first, last;

	for (;; (*at)++) {
		start = *at;
		fault = parse_id(at, &first);
		last = first;
		if (!fault && **at == '-') {
			(*at)++;
			fault = parse_id(at, &last);
		}
		if (fault)
			return fault;
		if (last < first)
			fault = "this range runs backwards";
		else if (set->n && first <= set->ranges[set->n - 1].last)
			fault = "numbers must ascend, each once";
		else if (rf_idset_add(set, first, last, NULL) < 0)
			fault = "out of memory";
		if (fault) {
			*at = start;
			return fault;
		}
		if (*at == end)
			return NULL;
		if (**at != ',')
			return "',' or '-' must come here";
	}
}

struct rf_idset *rf_idset_parse(const char *text, struct rf_error *err)
{
	const char *at = text, *end, *fault = NULL;
	struct rf_idset *set;
	size_t length;

	if (!text) {
		rf_error_set(err, EINVAL, "no id set given");
		return NULL;
	}
	set = rf_idset_create();
	if (!set) {
		rf_error_errno(err, "id set");
		return NULL;
	}
	length = strlen(text);
	end = text + length;
	if (*text == '[') {
		at++;
		if (end[-1] == ']' && length > 1)
			end--;
		else
			fault = "this '[' is never closed";
	}
	if (!fault && at < end)
		fault = parse_ranges(set, &at, end);
	if (fault) {
		rf_error_set(err, EINVAL, "id set \"%.200s\", character %zu: %s", text,
			     (size_t)(at - text) + 1, fault);
		rf_idset_destroy(set);
		return NULL;
	}
	return set;
}

char *rf_idset_format(const struct rf_idset *set)
{
	const struct range *range;
	char *text = NULL;
	size_t size, i;
	FILE *out;

	out = open_memstream(&text, &size);
	if (!out)
		return NULL;
	for (i = 0; set && i < set->n; i++) {
		range = &set->ranges[i];
		fprintf(out, "%s%u", i ? "," : "", range->first);
		if (range->last > range->first)
			fprintf(out, "-%u", range->last);
	}
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}
