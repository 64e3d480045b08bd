/* SPDX-License-Identifier: BSD-3-Clause */
#include "balance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#define SAME 1.01 /* speeds of which one is not more than so many times the other */

/* A host that ranks have left. */
struct left {
	struct left *next;
	char *name;
	unsigned times;
	int64_t until; /* period */
};

struct rf_balance {
	int64_t period;
	unsigned *to, ranks; /* room for so many */
	bool *closed;	     /* hosts that were left; room for `hosts` */
	unsigned hosts;
	struct left *left;
	double dense;	  /* ranks for a CPU, where the job has begun with most; 0: not seen yet */
	unsigned proven;  /* periods in a row in which a move was right */
	int64_t until;	  /* the period before which nothing is done */
	int64_t judge_at; /* the period in which the last move is judged; 0: it has been */
	double was;	  /* the speed before it */
	double gain;	  /* that was promised */
	unsigned wait;	  /* periods after a move that has not helped */
	int64_t cost_ms;  /* of the last */
	int64_t spent_ms; /* by all */
	struct rf_balance_advice advice;
	char **source; /* names of the hosts that the move under way leaves; `sources` of them */
	unsigned sources;
};

/* ---- the rule ---- */

/* What is on each host in a plan. */
struct seat {
	double demand;
	unsigned ranks;
};

static unsigned largest(const struct rf_balance_view *view)
{
	unsigned i, cpus = 1;

	for (i = 0; i < view->hosts; i++)
		if (view->host[i].cpus > cpus)
			cpus = view->host[i].cpus;
	return cpus;
}

static unsigned cpus_of(const struct rf_balance_view *view, unsigned host)
{
	return view->host[host].cpus ? view->host[host].cpus : largest(view);
}

static double want(const struct rf_balance_rank *rank)
{
	return rank->demand >= 0 ? rank->demand : 1;
}

static double speed(const struct rf_balance_view *view, unsigned host, double demand)
{
	double all = demand + fmax(view->host[host].foreign, 0);

	return fmin(1, cpus_of(view, host) / fmax(all, 0.001));
}

/* The slowest host with ranks; *at its speed. */
static unsigned slowest(const struct rf_balance_view *view, const struct seat *seat, double *at)
{
	unsigned i, worst = 0;

	*at = INFINITY;
	for (i = 0; i < view->hosts; i++) {
		double here = seat[i].ranks ? speed(view, i, seat[i].demand) : INFINITY;

		if (here < *at) {
			*at = here;
			worst = i;
		}
	}
	return worst;
}

/* Of the ranks there that the plan has not moved there, the one with the least memory;
 * view->ranks: none. */
static unsigned lightest(const struct rf_balance_view *view, const unsigned *to, unsigned host)
{
	unsigned r, best = view->ranks;

	for (r = 0; r < view->ranks; r++)
		if (to[r] == host && view->rank[r].host == host &&
		    (best == view->ranks || view->rank[r].memory < view->rank[best].memory))
			best = r;
	return best;
}

/* Where one more rank would be fastest; view->hosts: nowhere. */
static unsigned fastest(const struct rf_balance_view *view, const struct seat *seat,
			const bool *left, double dense, unsigned but, double demand, double *at)
{
	unsigned i, best = view->hosts;

	*at = 0;
	for (i = 0; i < view->hosts; i++) {
		double most = fmax(1, floor(fmax(1, dense) * cpus_of(view, i) + 0.001));
		double here = speed(view, i, seat[i].demand + demand);

		if (i == but || left[i] || view->host[i].closed || seat[i].ranks + 1 > most)
			continue;
		if (here > *at * 1.001) {
			*at = here;
			best = i;
		}
	}
	return best;
}

static void sit(const struct rf_balance_view *view, struct seat *seat)
{
	unsigned r;

	for (r = 0; r < view->ranks; r++) {
		seat[view->rank[r].host].ranks++;
		seat[view->rank[r].host].demand += want(&view->rank[r]);
	}
}

unsigned rf_balance_slowest(const struct rf_balance_view *view)
{
	struct seat *seat = calloc(view->hosts + 1, sizeof(*seat));
	unsigned host = 0;
	double at;

	if (seat) {
		sit(view, seat);
		host = slowest(view, seat, &at);
	}
	free(seat);
	return host;
}

double rf_balance_place(const struct rf_balance_view *view, const bool *left, double dense,
			unsigned *to, double *now)
{
	struct seat *seat = calloc(view->hosts + 1, sizeof(*seat));
	unsigned *moved = calloc(view->ranks + 1, sizeof(*moved)), n, kept = 0, r;
	double best, at, there;

	*now = best = 1;
	for (r = 0; r < view->ranks; r++)
		to[r] = view->rank[r].host;
	if (!seat || !moved)
		goto done;
	sit(view, seat);
	slowest(view, seat, now);
	best = *now;
	/* one rank after the other leaves the host that is then the slowest */
	for (n = 0; n < view->ranks; n++) {
		unsigned from = slowest(view, seat, &at), target;

		r = lightest(view, to, from);
		if (r == view->ranks)
			break;
		target = fastest(view, seat, left, dense, from, want(&view->rank[r]), &there);
		if (target == view->hosts || there <= at * SAME)
			break;
		seat[from].ranks--;
		seat[from].demand -= want(&view->rank[r]);
		seat[target].ranks++;
		seat[target].demand += want(&view->rank[r]);
		to[r] = target;
		moved[n] = r;
		slowest(view, seat, &at);
		if (at > best * SAME) {
			best = at;
			kept = n + 1;
		}
	}
	/* those that nothing has followed from stay */
	while (n > kept) {
		r = moved[--n];
		to[r] = view->rank[r].host;
	}
done:
	free(seat);
	free(moved);
	return best;
}

/* ---- what is remembered ---- */

struct rf_balance *rf_balance_create(void)
{
	struct rf_balance *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->wait = RF_BALANCE_REST;
	b->cost_ms = RF_BALANCE_COST_MS;
	return b;
}

static void forget_sources(struct rf_balance *b)
{
	while (b->sources > 0)
		free(b->source[--b->sources]);
	free(b->source);
	b->source = NULL;
}

void rf_balance_destroy(struct rf_balance *b)
{
	struct left *left;

	if (!b)
		return;
	while ((left = b->left)) {
		LL_DELETE(b->left, left);
		free(left->name);
		free(left);
	}
	forget_sources(b);
	free(b->closed);
	free(b->to);
	free(b);
}

static struct left *find_left(const struct rf_balance *b, const char *name)
{
	struct left *left;

	for (left = b->left; left; left = left->next)
		if (strcmp(left->name, name) == 0)
			return left;
	return NULL;
}

/* Ranks have left it: each time it is let alone for longer. */
static void leave(struct rf_balance *b, const char *name)
{
	struct left *left = find_left(b, name);
	int64_t periods;

	if (!left) {
		left = calloc(1, sizeof(*left));
		if (left)
			left->name = strdup(name);
		if (!left || !left->name) {
			free(left);
			return;
		}
		LL_PREPEND(b->left, left);
	}
	periods = (int64_t)RF_BALANCE_LEFT << (left->times < 16 ? left->times : 16);
	left->times++;
	left->until = b->period + (periods < RF_BALANCE_MOST ? periods : RF_BALANCE_MOST);
}

static int make_room(struct rf_balance *b, const struct rf_balance_view *view)
{
	if (view->ranks > b->ranks || !b->to) {
		unsigned *to = realloc(b->to, (view->ranks + 1) * sizeof(*to));

		if (!to)
			return -1;
		b->to = to;
		b->ranks = view->ranks;
	}
	if (view->hosts > b->hosts || !b->closed) {
		bool *closed = realloc(b->closed, (view->hosts + 1) * sizeof(*closed));

		if (!closed)
			return -1;
		b->closed = closed;
		b->hosts = view->hosts;
	}
	return 0;
}

/* The user has put so many ranks on a CPU: others may get as many. */
double rf_balance_density(const struct rf_balance_view *view)
{
	double most = 1;
	unsigned i, r, n;

	for (i = 0; i < view->hosts; i++) {
		for (n = 0, r = 0; r < view->ranks; r++)
			n += view->rank[r].host == i;
		if (view->host[i].cpus)
			most = fmax(most, (double)n / view->host[i].cpus);
	}
	return most;
}

/* Has the last move helped by half of what was promised, or of what is worth a move at all? */
static void judge(struct rf_balance *b, const struct rf_balance_options *options)
{
	struct rf_balance_advice *a = &b->advice;

	a->judged = true;
	a->was = b->was;
	a->helped = 1 - b->was / fmax(a->before, 0.001) >= fmin(options->gain, b->gain) / 2;
	b->judge_at = 0;
	if (a->helped) {
		b->wait = RF_BALANCE_REST;
		return;
	}
	a->wait = b->wait;
	b->until = b->period + b->wait;
	b->wait = b->wait * 2 < RF_BALANCE_MOST ? b->wait * 2 : RF_BALANCE_MOST;
}

static void remember_sources(struct rf_balance *b, const struct rf_balance_view *view)
{
	unsigned i, r;

	forget_sources(b);
	b->source = calloc(view->hosts + 1, sizeof(*b->source));
	for (i = 0; b->source && i < view->hosts; i++) {
		for (r = 0; r < view->ranks; r++)
			if (view->rank[r].host == i && b->to[r] != i)
				break;
		if (r == view->ranks)
			continue;
		b->source[b->sources] = strdup(view->host[i].name);
		b->sources += b->source[b->sources] != NULL;
	}
}

static enum rf_balance_what decide(struct rf_balance *b, const struct rf_balance_options *options,
				   const struct rf_balance_view *view)
{
	const struct rf_balance_advice *a = &b->advice;
	double gain = 1 - a->before / fmax(a->after, 0.001), age = (double)view->age_ms;

	if (a->moving == 0 || gain < options->gain) {
		b->proven = 0;
		return RF_BALANCE_NOTHING;
	}
	if (++b->proven < RF_BALANCE_PROOF || b->period < b->until || b->judge_at)
		return RF_BALANCE_PROVE;
	if (gain * age <= (double)b->cost_ms ||
	    (double)(b->spent_ms + b->cost_ms) > options->cost_limit * age)
		return RF_BALANCE_COSTLY;
	b->gain = gain;
	b->was = a->before;
	remember_sources(b, view);
	return RF_BALANCE_MOVE;
}

int rf_balance_step(struct rf_balance *b, const struct rf_balance_options *options,
		    const struct rf_balance_view *view, struct rf_balance_advice *advice)
{
	struct rf_balance_advice *a = &b->advice;
	unsigned i;

	if (make_room(b, view) < 0)
		return -1;
	b->period++;
	if (b->dense <= 0)
		b->dense = rf_balance_density(view);
	for (i = 0; i < view->hosts; i++) {
		const struct left *left = find_left(b, view->host[i].name);

		b->closed[i] = left && left->until > b->period;
	}
	*a = (struct rf_balance_advice){.to = b->to, .cost_ms = b->cost_ms};
	a->after = rf_balance_place(view, b->closed, b->dense, b->to, &a->before);
	for (i = 0; i < view->ranks; i++)
		a->moving += b->to[i] != view->rank[i].host;
	a->slow = rf_balance_slowest(view);
	if (b->judge_at && b->period >= b->judge_at)
		judge(b, options);
	a->what = decide(b, options, view);
	*advice = *a;
	return 0;
}

void rf_balance_moved(struct rf_balance *b, int64_t pause_ms)
{
	unsigned i;

	b->cost_ms = pause_ms > 0 ? pause_ms : 1;
	b->spent_ms += b->cost_ms;
	for (i = 0; i < b->sources; i++)
		leave(b, b->source[i]);
	forget_sources(b);
	b->proven = 0;
	b->until = b->period + RF_BALANCE_REST;
	b->judge_at = b->period + RF_BALANCE_PROOF;
}

void rf_balance_failed(struct rf_balance *b)
{
	forget_sources(b);
	b->proven = 0;
	b->until = b->period + b->wait;
	b->wait = b->wait * 2 < RF_BALANCE_MOST ? b->wait * 2 : RF_BALANCE_MOST;
}
