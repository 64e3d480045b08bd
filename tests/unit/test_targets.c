/* SPDX-License-Identifier: BSD-3-Clause */
#include "unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/targets.h"
#include "wire/step.h"

#define RANKS  5
#define COMMS  4 /* 0 is all ranks; the others are made and freed */
#define EVENTS 400

/* ---- reports by hand ---- */

static struct rf_error err;

static int report_making(struct rf_targets *t, unsigned rank, enum rf_where where, uint32_t round,
			 const uint64_t *seq, int n, uint32_t unready)
{
	struct rf_clocks *clocks = calloc(1, rf_clocks_size((size_t)n));
	int i, rc;

	clocks->where = where;
	clocks->round = round;
	clocks->unready = unready;
	clocks->count = (uint32_t)n;
	for (i = 0; i < n; i++)
		clocks->clock[i] =
			(struct rf_clock){.cid = (uint32_t)i, .members = 2, .seq = seq[i]};
	rc = rf_targets_report(t, rank, clocks, rf_clocks_size((size_t)n), &err);
	free(clocks);
	return rc;
}

static int report(struct rf_targets *t, unsigned rank, enum rf_where where, uint32_t round,
		  const uint64_t *seq, int n)
{
	return report_making(t, rank, where, round, seq, n, 0);
}

static void test_bad(void)
{
	struct rf_targets *t = rf_targets_create(2, &err);
	const uint64_t seq = 1;

	CU_ASSERT_EQUAL(rf_targets_report(t, 0, "short", 5, &err), -1);
	CU_ASSERT_EQUAL(report(t, 2, RF_WHERE_COMPUTING, 0, &seq, 1), -1);
	CU_ASSERT_EQUAL(report(t, 0, RF_WHERE_COMPUTING, 1, &seq, 1), -1); /* a round to come */
	CU_ASSERT_EQUAL(rf_targets_next(t), RF_TARGETS_WAIT);
	rf_targets_destroy(t);
	t = rf_targets_create(1, &err);
	CU_ASSERT_EQUAL(report(t, 0, RF_WHERE_COMPUTING, 0, &seq, 1), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "a communicator of 2 ranks, and 1 have"));
	rf_targets_destroy(t);
	rf_targets_destroy(NULL);
}

static void test_equal(void)
{
	struct rf_targets *t = rf_targets_create(2, &err);
	const uint64_t seq[] = {7, 9};

	report(t, 0, RF_WHERE_PARKED, 0, seq, 2);
	CU_ASSERT_EQUAL(rf_targets_next(t), RF_TARGETS_WAIT);
	report(t, 1, RF_WHERE_BLOCKED, 0, seq, 2);
	CU_ASSERT_EQUAL(rf_targets_next(t), RF_TARGETS_EQUAL);
	rf_targets_destroy(t);
}

static void test_behind(void)
{
	struct rf_targets *t = rf_targets_create(2, &err);
	const uint64_t low[] = {7}, high[] = {8};
	const struct rf_clocks *order;
	const char *what;

	report(t, 0, RF_WHERE_BLOCKED, 0, high, 1);
	report(t, 1, RF_WHERE_COMPUTING, 0, low, 1);
	CU_ASSERT_EQUAL(rf_targets_next(t), RF_TARGETS_MOVE);
	order = rf_targets_order(t, &err);
	CU_ASSERT_EQUAL_FATAL(order->count, 1);
	CU_ASSERT_EQUAL(order->clock[0].seq, 8);
	CU_ASSERT_EQUAL(order->round, 1);
	report(t, 1, RF_WHERE_COMPUTING, 0, low, 1); /* it was under way */
	report(t, 0, RF_WHERE_BLOCKED, 1, high, 1);
	CU_ASSERT_EQUAL(rf_targets_next(t), RF_TARGETS_WAIT);
	CU_ASSERT_EQUAL(rf_targets_behind(t, &what), 1);
	CU_ASSERT_STRING_EQUAL(what, "does not answer");
	report(t, 1, RF_WHERE_COMPUTING, 1, low, 1);
	CU_ASSERT_EQUAL(rf_targets_next(t), RF_TARGETS_WAIT);
	CU_ASSERT_EQUAL(rf_targets_behind(t, &what), 1);
	report(t, 1, RF_WHERE_COMPUTING, 1, high, 1);
	CU_ASSERT_EQUAL(rf_targets_next(t), RF_TARGETS_EQUAL);
	rf_targets_destroy(t);
}

/* One has freed a communicator, and the other not yet. */
static void test_freed(void)
{
	struct rf_targets *t = rf_targets_create(2, &err);
	const uint64_t both[] = {7, 3};
	const struct rf_clocks *order;

	report(t, 0, RF_WHERE_COMPUTING, 0, both, 1);
	report(t, 1, RF_WHERE_COMPUTING, 0, both, 2);
	CU_ASSERT_EQUAL(rf_targets_next(t), RF_TARGETS_MOVE);
	order = rf_targets_order(t, &err);
	CU_ASSERT_EQUAL_FATAL(order->count, 2);
	CU_ASSERT_EQUAL(order->clock[1].seq, RF_CLOCK_NO_LIMIT);
	report(t, 0, RF_WHERE_COMPUTING, 1, both, 1);
	report(t, 1, RF_WHERE_COMPUTING, 1, both, 2);
	CU_ASSERT_EQUAL(rf_targets_next(t), RF_TARGETS_WAIT);
	report(t, 1, RF_WHERE_COMPUTING, 1, both, 1);
	/* what had no limit is gone, and yet a last round makes sure that nobody has one */
	CU_ASSERT_EQUAL(rf_targets_next(t), RF_TARGETS_MOVE);
	rf_targets_order(t, &err);
	report(t, 0, RF_WHERE_COMPUTING, 2, both, 1);
	report(t, 1, RF_WHERE_COMPUTING, 2, both, 1);
	CU_ASSERT_EQUAL(rf_targets_next(t), RF_TARGETS_EQUAL);
	rf_targets_destroy(t);
}

/* One has made a communicator, and maybe freed it, that the other is still making. */
static void test_making(void)
{
	struct rf_targets *t = rf_targets_create(2, &err);
	const uint64_t seq[] = {7, 0};
	const char *what;

	report(t, 0, RF_WHERE_PARKED, 0, seq, 1);
	report_making(t, 1, RF_WHERE_COMPUTING, 0, seq, 1, 1);
	CU_ASSERT_EQUAL(rf_targets_next(t), RF_TARGETS_MOVE);
	rf_targets_order(t, &err);
	report(t, 0, RF_WHERE_PARKED, 1, seq, 1);
	report_making(t, 1, RF_WHERE_COMPUTING, 1, seq, 1, 1);
	/* no step of the program is needed */
	CU_ASSERT_EQUAL(rf_targets_next(t), RF_TARGETS_WAIT);
	CU_ASSERT_EQUAL(rf_targets_behind(t, &what), 1);
	CU_ASSERT_STRING_EQUAL(what, "is making a communicator that is not complete");
	report(t, 1, RF_WHERE_COMPUTING, 1, seq, 2);
	CU_ASSERT_EQUAL(rf_targets_next(t), RF_TARGETS_MOVE);
	CU_ASSERT_EQUAL(rf_targets_order(t, &err)->clock[1].seq, RF_CLOCK_NO_LIMIT);
	rf_targets_destroy(t);
}

/* ---- random programs: each rank makes its part of one list of events, at its own pace ---- */

enum kind { COLLECTIVE, MAKE, FREE, MESSAGE };

struct event {
	enum kind kind;
	int comm;     /* what it is on; MAKE and FREE: world and the communicator itself */
	int from, to; /* of a message */
	bool loose;   /* that nobody waits in, such as a small broadcast's root; MAKE: MPI_Comm_idup
		       */
	bool done[RANKS];  /* the rank is past it */
	bool begun[RANKS]; /* counted; or sent */
};

static struct event events[EVENTS];
static bool member[COMMS][RANKS];
static int size_of[COMMS];

static struct {
	int at;
	bool inside, has[COMMS];
	const struct event *making[COMMS];
	uint64_t seq[COMMS], limit[COMMS];
	bool limited, advance, reported;
	uint32_t round;
	uint64_t said[COMMS + 2];
} ranks[RANKS];

static void generate(void)
{
	bool there[COMMS] = {true};
	int c, i, r;

	for (c = 0; c < COMMS; c++) {
		do {
			size_of[c] = 0;
			for (r = 0; r < RANKS; r++)
				size_of[c] += member[c][r] = c == 0 || rand() % 2;
		} while (size_of[c] < 2);
	}
	memset(events, 0, sizeof(events));
	for (i = 0; i < EVENTS; i++) {
		struct event *e = &events[i];

		c = rand() % COMMS;
		e->loose = rand() % 3 == 0;
		if (rand() % 2) {
			e->kind = MESSAGE;
			e->from = rand() % RANKS;
			e->to = (e->from + 1 + rand() % (RANKS - 1)) % RANKS;
		} else if (!there[c]) {
			e->kind = MAKE;
			there[c] = true;
		} else if (c && rand() % 5 == 0) {
			e->kind = FREE;
			there[c] = false;
		} else {
			e->kind = COLLECTIVE;
		}
		e->comm = c;
	}
	memset(ranks, 0, sizeof(ranks));
	for (r = 0; r < RANKS; r++)
		ranks[r].has[0] = true;
}

static bool takes_part(const struct event *e, int r)
{
	if (e->kind == MESSAGE)
		return e->from == r || e->to == r;
	return e->kind == MAKE || member[e->comm][r];
}

/* MAKE is counted on the world, from which the new one is made. */
static int counted_on(const struct event *e)
{
	return e->kind == MAKE ? 0 : e->comm;
}

static struct event *next_event(int r)
{
	while (ranks[r].at < EVENTS && !takes_part(&events[ranks[r].at], r))
		ranks[r].at++;
	return ranks[r].at < EVENTS ? &events[ranks[r].at] : NULL;
}

static bool may_begin(int r, int c)
{
	return !ranks[r].limited || ranks[r].seq[c] < ranks[r].limit[c] || ranks[r].advance;
}

static bool all_begun(const struct event *e)
{
	int r;

	for (r = 0; r < RANKS; r++)
		if (takes_part(e, r) && !e->begun[r])
			return false;
	return true;
}

static enum rf_where where(int r)
{
	const struct event *e = next_event(r);

	if (!e)
		return RF_WHERE_COMPUTING;
	if (ranks[r].inside)
		return RF_WHERE_COLLECTIVE;
	if (ranks[r].making[e->comm])
		return RF_WHERE_BLOCKED;
	if (e->kind == MESSAGE)
		return e->to == r && !e->begun[e->from] ? RF_WHERE_BLOCKED : RF_WHERE_COMPUTING;
	return may_begin(r, counted_on(e)) ? RF_WHERE_COMPUTING : RF_WHERE_PARKED;
}

static void has_made(int r, int c)
{
	ranks[r].has[c] = true;
	ranks[r].seq[c] = ranks[r].limit[c] = 0;
	ranks[r].making[c] = NULL;
}

/* What a rank makes comes into use by itself at some time, whatever the rank does or waits for. */
static bool progress(int r)
{
	int c;

	for (c = 0; c < COMMS; c++)
		if (ranks[r].making[c] && all_begun(ranks[r].making[c]) && rand() % 64 == 0) {
			has_made(r, c);
			return true;
		}
	return false;
}

/* A rank gets on by one thing if it can. */
static bool step(int r)
{
	struct event *e = next_event(r);
	int c;

	if (progress(r))
		return true;
	if (!e || ranks[r].making[e->comm])
		return false;
	c = counted_on(e);
	if (e->kind == MESSAGE) {
		if (e->to == r && !e->begun[e->from])
			return false;
		e->begun[r] = true;
	} else if (!ranks[r].inside) {
		if (!may_begin(r, c))
			return false;
		ranks[r].advance = false;
		ranks[r].inside = true;
		ranks[r].seq[c]++;
		e->begun[r] = true;
		if (e->kind == MAKE && e->loose) {
			ranks[r].making[e->comm] = member[e->comm][r] ? e : NULL;
			ranks[r].inside = false;
			ranks[r].at++;
		}
		return true;
	} else if (!e->loose && !all_begun(e)) {
		return false;
	}
	ranks[r].inside = false;
	if (e->kind == MAKE && member[e->comm][r])
		has_made(r, e->comm);
	if (e->kind == FREE)
		ranks[r].has[e->comm] = false;
	e->done[r] = true;
	ranks[r].at++;
	return true;
}

static void say(struct rf_targets *t, int r, enum rf_step asked)
{
	struct rf_clocks *clocks = calloc(1, rf_clocks_size(COMMS));
	uint64_t now[COMMS + 2];
	bool below = false;
	int c;

	clocks->where = where(r);
	clocks->round = ranks[r].round;
	for (c = 0; c < COMMS; c++) {
		now[c] = ranks[r].has[c] ? ranks[r].seq[c] : UINT64_MAX;
		clocks->unready += ranks[r].making[c] != NULL;
		if (!ranks[r].has[c] || size_of[c] < 2)
			continue;
		clocks->clock[clocks->count++] = (struct rf_clock){.cid = (uint32_t)c,
								   .members = (uint32_t)size_of[c],
								   .seq = ranks[r].seq[c]};
		if (ranks[r].limit[c] != RF_CLOCK_NO_LIMIT && ranks[r].seq[c] < ranks[r].limit[c])
			below = true;
	}
	now[COMMS] = clocks->where;
	now[COMMS + 1] = clocks->unready;
	/* as step.h has it: who still has to get on by himself says nothing; nor twice the same */
	if (!(asked == RF_STEP_TARGETS && below && clocks->where == RF_WHERE_COMPUTING) &&
	    (!ranks[r].reported || memcmp(now, ranks[r].said, sizeof(now)) != 0)) {
		CU_ASSERT_EQUAL(rf_targets_report(t, (unsigned)r, clocks,
						  rf_clocks_size(clocks->count), &err),
				0);
		memcpy(ranks[r].said, now, sizeof(now));
		ranks[r].reported = true;
	}
	free(clocks);
}

static void obey(int r, enum rf_step step, const struct rf_clocks *order)
{
	uint32_t i;
	int c;

	ranks[r].limited = true;
	ranks[r].reported = false;
	ranks[r].round = order ? order->round : 0;
	if (step == RF_STEP_ADVANCE) {
		ranks[r].advance = where(r) == RF_WHERE_PARKED;
		return;
	}
	ranks[r].advance = false;
	for (c = 0; c < COMMS; c++)
		ranks[r].limit[c] = ranks[r].seq[c];
	for (i = 0; order && i < order->count; i++)
		ranks[r].limit[order->clock[i].cid] = order->clock[i].seq;
}

static void check_stopped(void)
{
	int c, r, first;

	for (c = 0; c < COMMS; c++) {
		for (first = -1, r = 0; r < RANKS; r++) {
			if (!member[c][r])
				continue;
			if (first < 0)
				first = r;
			CU_ASSERT_PTR_NULL(ranks[r].making[c]);
			CU_ASSERT_EQUAL(ranks[r].has[c], ranks[first].has[c]);
			if (ranks[r].has[c])
				CU_ASSERT_EQUAL(ranks[r].seq[c], ranks[first].seq[c]);
		}
	}
	for (r = 0; r < RANKS; r++)
		if (ranks[r].inside)
			CU_ASSERT(all_begun(next_event(r)));
}

/* Returns how many orders it took; 0 if it never ended. */
static int quiesce(void)
{
	struct rf_targets *t = rf_targets_create(RANKS, &err);
	enum rf_step asked = RF_STEP_QUIESCE;
	int turns, orders = 1, r, quiet = 0;

	for (r = 0; r < RANKS; r++)
		obey(r, asked, NULL);
	for (turns = 0; turns < 200000; turns++) {
		const struct rf_clocks *order = NULL;
		enum rf_targets_next next;

		r = rand() % RANKS;
		if (rand() % 3 || asked == RF_STEP_QUIESCE)
			say(t, r, asked);
		quiet = step(r) ? 0 : quiet + 1;
		next = rf_targets_next(t);
		if (next == RF_TARGETS_EQUAL) {
			/* the order to stop takes its time */
			for (r = rand() % (10 * RANKS); r > 0; r--)
				step(rand() % RANKS);
			rf_targets_destroy(t);
			return orders;
		}
		if (next == RF_TARGETS_MOVE) {
			asked = RF_STEP_TARGETS;
			order = rf_targets_order(t, &err);
		} else if (next == RF_TARGETS_STALLED && (quiet > 20 * RANKS || rand() % 50 == 0)) {
			/* maybe only one that is slow makes it look so */
			asked = RF_STEP_ADVANCE;
			order = rf_targets_advance(t, &err);
		} else {
			continue;
		}
		orders++;
		quiet = 0;
		for (r = 0; r < RANKS; r++)
			obey(r, asked, order);
	}
	rf_targets_destroy(t);
	return 0;
}

static void test_random(void)
{
	int seed, i, orders, most = 0;

	for (seed = 1; seed <= 300; seed++) {
		srand((unsigned)seed);
		generate();
		for (i = rand() % (EVENTS * RANKS * 2); i > 0; i--)
			step(rand() % RANKS);
		orders = quiesce();
		if (!orders)
			printf("# seed %d has not stopped\n", seed);
		CU_ASSERT(orders > 0);
		if (orders > most)
			most = orders;
		check_stopped();
	}
	printf("# at most %d orders\n", most);
	CU_ASSERT(most < 40);
}

static const struct unit_test tests[] = {
	{"clocks that can not be are refused", test_bad},
	{"equal clocks are the end", test_equal},
	{"who is behind is waited for", test_behind},
	{"a communicator that is being freed is not waited at", test_freed},
	{"a communicator that is being made is waited for", test_making},
	{"random programs stop, with no collective half done", test_random},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("targets", tests);
}
