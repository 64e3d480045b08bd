/* SPDX-License-Identifier: BSD-3-Clause */
#include "targets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "wire/step.h"

/* A communicator, of the last reports of all ranks. */
struct sum {
	const struct rf_clock *first; /* its name; points into a report */
	uint64_t low, high;
	uint32_t reports;
};

struct rf_targets {
	unsigned ranks;
	struct rf_clocks **last; /* reports, NULL before the first */
	uint32_t round;		 /* of the last order; 0: QUIESCE */
	bool advanced; /* the last order was ADVANCE, or QUIESCE: nobody has targets for it */
	struct rf_clocks *out;	  /* the last order ADVANCE */
	struct rf_clocks *limits; /* the last one with targets, or NULL */
	const struct rf_clock **all;
	struct sum *sums;
	size_t nsums, room;
};

struct rf_targets *rf_targets_create(unsigned ranks, struct rf_error *err)
{
	struct rf_targets *t = calloc(1, sizeof(*t));

	if (t)
		t->last = calloc(ranks ? ranks : 1, sizeof(*t->last));
	if (!t || !t->last) {
		free(t);
		rf_error_set(err, ENOMEM, "no memory for the clocks of %u ranks", ranks);
		return NULL;
	}
	t->ranks = ranks;
	t->advanced = true;
	return t;
}

void rf_targets_destroy(struct rf_targets *t)
{
	unsigned i;

	if (!t)
		return;
	for (i = 0; i < t->ranks; i++)
		free(t->last[i]);
	free(t->last);
	free(t->out);
	free(t->limits);
	free(t->all);
	free(t->sums);
	free(t);
}

int rf_targets_report(struct rf_targets *t, unsigned rank, const void *body, size_t size,
		      struct rf_error *err)
{
	const struct rf_clocks *clocks = rf_clocks_check(body, size);
	struct rf_clocks *copy;
	uint32_t i;

	if (rank >= t->ranks)
		return rf_error_set(err, EPROTO, "clocks of rank %u, which the job has not", rank);
	if (!clocks || clocks->round > t->round)
		return rf_error_set(err, EPROTO, "rank %u reports clocks that make no sense", rank);
	for (i = 0; i < clocks->count; i++)
		if (clocks->clock[i].members > t->ranks)
			return rf_error_set(err, EAGAIN,
					    "rank %u has a communicator of %u ranks, and %u have "
					    "been heard of",
					    rank, clocks->clock[i].members, t->ranks);
	copy = malloc(size);
	if (!copy)
		return rf_error_set(err, ENOMEM, "no memory for clocks");
	memcpy(copy, clocks, size);
	free(t->last[rank]);
	t->last[rank] = copy;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return rf_clock_compare(*(const struct rf_clock *const *)a,
				*(const struct rf_clock *const *)b);
}

/* -1: no memory, and then nothing is known of any communicator. */
static int sum_up(struct rf_targets *t)
{
	size_t n = 0, i, k = 0;
	unsigned r;

	t->nsums = 0;
	for (r = 0; r < t->ranks; r++)
		n += t->last[r] ? t->last[r]->count : 0;
	if (n > t->room) {
		void *all = realloc(t->all, n * sizeof(*t->all));
		void *sums = all ? realloc(t->sums, n * sizeof(*t->sums)) : NULL;

		t->all = all ? all : t->all;
		if (!sums)
			return -1;
		t->sums = sums;
		t->room = n;
	}
	for (r = 0; r < t->ranks; r++)
		for (i = 0; t->last[r] && i < t->last[r]->count; i++)
			t->all[k++] = &t->last[r]->clock[i];
	if (n)
		qsort(t->all, n, sizeof(*t->all), by_name);
	for (i = 0; i < n; i++) {
		const struct rf_clock *clock = t->all[i];
		struct sum *sum = t->nsums ? &t->sums[t->nsums - 1] : NULL;

		if (!sum || rf_clock_compare(sum->first, clock) != 0) {
			sum = &t->sums[t->nsums++];
			*sum = (struct sum){clock, clock->seq, clock->seq, 0};
		}
		sum->reports++;
		sum->low = clock->seq < sum->low ? clock->seq : sum->low;
		sum->high = clock->seq > sum->high ? clock->seq : sum->high;
	}
	return 0;
}

static bool whole(const struct sum *sum)
{
	return sum->reports == sum->first->members;
}

static uint64_t target(const struct sum *sum)
{
	return whole(sum) ? sum->high : RF_CLOCK_NO_LIMIT;
}

/* What of `clock`'s communicator is known; it is in the sums, being of a report. */
static const struct sum *sum_of(const struct rf_targets *t, const struct rf_clock *clock)
{
	size_t low = 0, high = t->nsums;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = rf_clock_compare(clock, t->sums[middle].first);

		if (order == 0)
			return &t->sums[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* Is there a communicator that this rank has yet to get on with, or that others have to? */
static bool below(const struct rf_targets *t, unsigned rank)
{
	const struct rf_clocks *clocks = t->last[rank];
	uint32_t i;

	for (i = 0; i < clocks->count; i++) {
		const struct sum *sum = sum_of(t, &clocks->clock[i]);

		if (!whole(sum) || clocks->clock[i].seq < sum->high)
			return true;
	}
	return false;
}

/* May nobody pass what he has reported, unless an order says so? */
static bool held(const struct rf_targets *t)
{
	uint32_t i;

	for (i = 0; t->limits && i < t->limits->count; i++)
		if (t->limits->clock[i].seq == RF_CLOCK_NO_LIMIT)
			return false;
	return true;
}

/*
 * Is a communicator being made? One that is may be in use at some of its members already, and even
 * be freed there, so those of them that are known say nothing of it. All members have begun to make
 * it or will come to that, and it needs nothing more than their progress.
 */
static bool making(const struct rf_targets *t)
{
	unsigned r;

	for (r = 0; r < t->ranks; r++)
		if (t->last[r]->unready)
			return true;
	return false;
}

static bool equal(const struct rf_targets *t)
{
	size_t i;

	for (i = 0; i < t->nsums; i++)
		if (!whole(&t->sums[i]) || t->sums[i].low != t->sums[i].high)
			return false;
	return true;
}

/*
 * Is a rank inside a collective? One that only some members of a communicator make, and nothing
 * counts (MPI_Comm_create_group), waits for others that may be held.
 */
static bool inside(const struct rf_targets *t)
{
	unsigned r;

	for (r = 0; r < t->ranks; r++)
		if (t->last[r]->where == RF_WHERE_COLLECTIVE)
			return true;
	return false;
}

/* Was the last order ADVANCE? Who was held goes on after his report: clocks that are equal say
 * nothing. */
static bool passed(const struct rf_targets *t)
{
	return t->advanced && t->round > 0;
}

/* Have ranks not been told yet how far to go? */
static bool moved(const struct rf_targets *t)
{
	size_t i;

	for (i = 0; i < t->nsums; i++) {
		const struct rf_clock *limit =
			t->limits ? rf_clocks_find(t->limits, t->sums[i].first) : NULL;

		if (limit ? limit->seq != target(&t->sums[i])
			  : !whole(&t->sums[i]) || t->sums[i].low != t->sums[i].high)
			return true;
	}
	return false;
}

enum rf_targets_next rf_targets_next(struct rf_targets *t)
{
	unsigned r;

	for (r = 0; r < t->ranks; r++)
		if (!t->last[r] || t->last[r]->round != t->round)
			return RF_TARGETS_WAIT;
	if (sum_up(t) < 0)
		return RF_TARGETS_WAIT;
	if (equal(t) && !inside(t) && !passed(t) && !making(t))
		return held(t) ? RF_TARGETS_EQUAL : RF_TARGETS_MOVE;
	if (t->advanced || moved(t))
		return RF_TARGETS_MOVE;
	if (equal(t) && making(t) && !inside(t))
		return RF_TARGETS_WAIT;
	for (r = 0; r < t->ranks; r++)
		if (t->last[r]->where == RF_WHERE_COMPUTING && below(t, r))
			return RF_TARGETS_WAIT;
	for (r = 0; r < t->ranks; r++)
		if (t->last[r]->where == RF_WHERE_PARKED)
			return RF_TARGETS_STALLED;
	return RF_TARGETS_WAIT;
}

static struct rf_clocks *new_order(struct rf_targets *t, size_t count, struct rf_error *err)
{
	struct rf_clocks *order = calloc(1, rf_clocks_size(count));

	if (!order) {
		rf_error_set(err, ENOMEM, "no memory for targets");
		return NULL;
	}
	order->count = (uint32_t)count;
	order->round = ++t->round;
	return order;
}

const struct rf_clocks *rf_targets_order(struct rf_targets *t, struct rf_error *err)
{
	struct rf_clocks *order;
	size_t i;

	if (sum_up(t) < 0 || !(order = new_order(t, t->nsums, err)))
		return NULL;
	for (i = 0; i < t->nsums; i++) {
		order->clock[i] = *t->sums[i].first;
		order->clock[i].seq = target(&t->sums[i]);
	}
	free(t->limits);
	t->limits = order;
	t->advanced = false;
	return order;
}

const struct rf_clocks *rf_targets_advance(struct rf_targets *t, struct rf_error *err)
{
	struct rf_clocks *order = new_order(t, 0, err);

	if (!order)
		return NULL;
	free(t->out);
	t->out = order;
	t->advanced = true;
	return order;
}

int rf_targets_behind(struct rf_targets *t, const char **what)
{
	static const char *const words[RF_WHERES] = {
		[RF_WHERE_COMPUTING] = "has not come to a collective that others wait in",
		[RF_WHERE_PARKED] = "is held before a collective",
		[RF_WHERE_BLOCKED] = "waits for a message",
		[RF_WHERE_COLLECTIVE] = "waits in a collective",
	};
	unsigned r;

	for (r = 0; r < t->ranks; r++)
		if (!t->last[r] || t->last[r]->round != t->round) {
			*what = "does not answer";
			return (int)r;
		}
	if (sum_up(t) < 0)
		return -1;
	for (r = 0; r < t->ranks; r++)
		if (t->last[r]->unready) {
			*what = "is making a communicator that is not complete";
			return (int)r;
		}
	for (r = 0; r < t->ranks; r++)
		if (below(t, r)) {
			*what = words[t->last[r]->where];
			return (int)r;
		}
	return -1;
}
