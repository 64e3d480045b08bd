/* SPDX-License-Identifier: BSD-3-Clause */
#include "balancer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "balance.h"
#include "loads.h"
#include "relief.h"
#include "say.h"
#include "sight.h"
#include "timer.h"
#include "util/clock.h"
#include "util/size.h"

/* from one move for the sake of memory to the next; twice as long each time that one fails */
#define RELIEF_MS 10000
#define REST_MS	  600000 /* that a rank is not moved for that again */

struct rf_balancer {
	const struct rf_policies *policies;
	struct rf_events *events;
	const struct rf_balancer_ops *ops;
	void *data;
	struct rf_coordinator *coordinator; /* NULL before begin() and after finish() */
	struct rf_moves *moves;
	struct rf_turns *turns;
	struct event *timer;
	struct rf_balance *balance;
	struct rf_loads *loads;
	int64_t began_ms;
	int generation;	      /* that `loads` is of */
	struct rf_turn *turn; /* of the move that was asked for, or NULL */
	char **exact;	      /* where it takes each rank; NULL: that stays */
	unsigned exacts;
	struct rf_hostlist *sources; /* hosts that ranks leave */
	bool relieving;		     /* and for the sake of memory */
	unsigned relieving_rank;
	int64_t relief_ms;	  /* when the next move for that may be */
	unsigned relief_failures; /* one after the other */
	int64_t *relieved;	  /* of each rank: until when it rests; `ranks` of them */
	unsigned ranks;
	double dense;
	char said[RF_ERROR_TEXT]; /* why nothing was done; said once */
};

static const struct rf_policy *policy(const struct rf_balancer *b)
{
	return rf_policies_now(b->policies);
}

static bool is_on(const struct rf_balancer *b, enum rf_policy_balance what)
{
	return policy(b)->balance.on & 1u << what;
}

/* ---- what there is ---- */

/* The names of its spares are those of the list, to be destroyed after it. */
static int open_sight(const struct rf_balancer *b, struct rf_sight *sight,
		      struct rf_hostlist **spares, struct rf_error *err)
{
	struct rf_hostlist *avoid = b->ops->avoid(b->data);
	int rc;

	if (avoid)
		rf_moves_shun(b->moves, avoid);
	*spares = b->ops->spares(b->data);
	rc = rf_sight_open(sight, b->coordinator, b->loads, *spares, avoid, err);
	sight->view.age_ms = rf_clock_ms() - b->began_ms;
	rf_hostlist_destroy(avoid);
	return rc;
}

static void close_sight(struct rf_sight *sight, struct rf_hostlist *spares)
{
	rf_sight_close(sight);
	rf_hostlist_destroy(spares);
}

/* Has each host with ranks told something in this period? 1; 0: not yet; -1: it can not be measured
 * there, and `err` says where. */
static int is_known(const struct rf_balancer *b, const struct rf_sight *s, struct rf_error *err)
{
	struct rf_loads_host mean;
	unsigned i;

	for (i = 0; i < s->own; i++) {
		if (rf_sight_ranks_on(s, i) == 0)
			continue;
		if (!rf_loads_host(b->loads, s->host[i].name, &mean))
			return 0;
		if (mean.foreign < 0)
			return rf_error_set(err, ENOTSUP,
					    "the kernel of %s does not say how long processes wait "
					    "for a CPU (/proc/PID/schedstat)",
					    s->host[i].name);
	}
	return 1;
}

/* Why nothing was done; said when it is not the last reason. */
static void hold(struct rf_balancer *b, const char *host, const char *why)
{
	if (strcmp(b->said, why) == 0)
		return;
	snprintf(b->said, sizeof(b->said), "%s", why);
	rf_say("%s%sranks are not moved to balance load: %s", host ? host : "", host ? ": " : "",
	       why);
	rf_event(b->events, "balance.wait", "{s:s*, s:s}", "host", host, "why", why);
}

/* ---- moves ---- */

static void on_place(unsigned rank, const char *from, const char *to, void *client)
{
	(void)rank, (void)from, (void)to, (void)client; /* all of it is an event */
}

static void on_phase(const char *name, void *client)
{
	(void)name, (void)client;
}

static void end_turn(struct rf_balancer *b)
{
	while (b->exacts > 0)
		free(b->exact[--b->exacts]);
	free(b->exact);
	b->exact = NULL;
	rf_turn_end(b->turn);
	b->turn = NULL;
}

static void on_moved(const struct rf_moved *moved, void *client)
{
	struct rf_balancer *b = client;
	const char *name;

	end_turn(b);
	if (moved->but)
		rf_say("%s", moved->but->text);
	rf_say("%u rank%s moved in %.1f s, all stopped for %.0f ms; generation %d", moved->ranks,
	       moved->ranks == 1 ? "" : "s", (double)moved->duration_us / 1e6,
	       (double)moved->pause_us / 1e3, moved->generation);
	rf_event(b->events, "balance.done", "{s:i, s:I}", "ranks", (int)moved->ranks, "pause_us",
		 (json_int_t)moved->pause_us);
	/* those with no ranks any more can be gone to again, as spares */
	for (name = rf_hostlist_first(b->sources); name; name = rf_hostlist_next(b->sources, name))
		b->ops->left(name, b->data);
	if (b->relieving) {
		b->relieved[b->relieving_rank] = rf_clock_ms() + REST_MS;
		b->relief_failures = 0;
	} else {
		rf_balance_moved(b->balance, moved->pause_us / 1000);
	}
	b->relieving = false;
}

static void rest(struct rf_balancer *b)
{
	int64_t ms = RELIEF_MS;
	unsigned i;

	b->relief_failures++;
	for (i = 0; i < b->relief_failures && ms < REST_MS; i++)
		ms *= 2;
	b->relief_ms = rf_clock_ms() + (ms < REST_MS ? ms : REST_MS);
}

static void on_failed(const struct rf_error *why, void *client)
{
	struct rf_balancer *b = client;

	end_turn(b);
	if (!b->coordinator)
		return; /* the job has ended: nobody cares */
	if (why->code == EBUSY || why->code == EAGAIN) {
		hold(b, NULL, why->text);
	} else {
		rf_say("ranks could not be moved to balance load: %s", why->text);
		rf_event(b->events, "balance.failed", "{s:s}", "why", why->text);
		if (b->relieving)
			rest(b);
		else
			rf_balance_failed(b->balance);
	}
	b->relieving = false;
}

static void on_turn(void *data)
{
	static const struct rf_move_hearer hearer = {on_place, on_phase, on_moved, on_failed, NULL};
	struct rf_balancer *b = data;
	const struct rf_move_request request = {
		.wish = {.exact = (const char *const *)b->exact},
		.deadline_ms = (int)policy(b)->evacuate.max_pause_ms,
		.total_ms = (int)policy(b)->evacuate.deadline_ms,
		.hearer = &hearer,
	};

	*b->said = '\0';
	rf_moves_begin(b->moves, &request, b);
}

static void on_late(const struct rf_error *why, void *data)
{
	struct rf_error busy = *why;

	busy.code = EBUSY;
	on_failed(&busy, data);
}

/* -1: no memory. */
static int take_places(struct rf_balancer *b, const struct rf_sight *s, const unsigned *to)
{
	unsigned r;

	rf_hostlist_destroy(b->sources);
	b->sources = rf_hostlist_create();
	b->exact = calloc(s->view.ranks + 1, sizeof(*b->exact));
	if (!b->sources || !b->exact)
		return -1;
	for (r = 0; r < s->view.ranks; r++, b->exacts++) {
		if (to[r] == s->rank[r].host)
			continue;
		b->exact[r] = strdup(s->host[to[r]].name);
		if (!b->exact[r] ||
		    rf_hostlist_add(b->sources, s->host[s->rank[r].host].name, NULL) < 0)
			return -1;
	}
	return 0;
}

/* Each rank goes to the host of `to`; that of those that stay is where they are. */
static void move(struct rf_balancer *b, const struct rf_sight *s, const unsigned *to)
{
	const struct rf_turn_wish wish = {.name = "policy: balance",
					  .wait_ms = (int)policy(b)->balance.every_ms,
					  .begin = on_turn,
					  .late = on_late,
					  .data = b};
	struct rf_error err;

	rf_error_set(&err, ENOMEM, "no memory for a move");
	if (take_places(b, s, to) == 0)
		b->turn = rf_turns_ask(b->turns, &wish, &err);
	if (!b->turn)
		on_failed(&err, b);
}

/* ---- load ---- */

static void say_judged(struct rf_balancer *b, const struct rf_balance_advice *a)
{
	int64_t wait_ms = a->helped ? 0 : a->wait * policy(b)->balance.every_ms;

	rf_event(b->events, "balance.judged", "{s:b, s:f, s:f, s:I}", "helped", a->helped, "before",
		 a->was, "now", a->before, "wait_ms", (json_int_t)wait_ms);
	if (!a->helped)
		rf_say("the last move has not made the job faster; none for the sake of load for "
		       "%lld s",
		       (long long)wait_ms / 1000);
}

static void act(struct rf_balancer *b, const struct rf_sight *s, const struct rf_balance_advice *a)
{
	const char *slow = s->host[a->slow].name;
	char why[RF_ERROR_TEXT];

	if (a->judged)
		say_judged(b, a);
	if (a->what == RF_BALANCE_NOTHING)
		*b->said = '\0';
	if (a->what == RF_BALANCE_COSTLY) {
		snprintf(why, sizeof(why),
			 "a move stops all ranks for about %lld ms, which is too much for a job "
			 "that has run for %lld s (cost_limit is %g%%)",
			 (long long)a->cost_ms, (long long)s->view.age_ms / 1000,
			 policy(b)->balance.cost_limit * 100);
		if (!*b->said)
			hold(b, slow, why);
	}
	if (a->what != RF_BALANCE_MOVE)
		return;
	rf_say("%s: other load slows the job down to %.0f%%; moving %u rank%s away, to get %.0f%%",
	       slow, a->before * 100, a->moving, a->moving == 1 ? "" : "s", a->after * 100);
	rf_event(b->events, "balance.begin", "{s:s, s:s, s:i, s:f, s:f, s:I}", "host", slow,
		 "reason", "load", "ranks", (int)a->moving, "before", a->before, "after", a->after,
		 "cost_ms", (json_int_t)a->cost_ms);
	move(b, s, a->to);
}

/* At the end of a period in which nothing else has happened. */
static void look(struct rf_balancer *b)
{
	const struct rf_roster *roster = rf_coordinator_roster(b->coordinator);
	const struct rf_balance_options options = {policy(b)->balance.gain,
						   policy(b)->balance.cost_limit};
	struct rf_balance_advice advice;
	struct rf_error err = {0};
	struct rf_hostlist *spares;
	struct rf_sight s;
	int known;

	if (open_sight(b, &s, &spares, &err) == 0 && (known = is_known(b, &s, &err)) != 0) {
		bool fit = known > 0 && rf_roster_check(roster, &err) == 0;

		/* EAGAIN: ranks are just starting, or ending */
		if (!fit && err.code != EAGAIN)
			hold(b, NULL, err.text);
		else if (fit && rf_balance_step(b->balance, &options, &s.view, &advice) == 0)
			act(b, &s, &advice);
	}
	close_sight(&s, spares);
}

/* Nothing else is done with the ranks, or about to be. */
static bool is_quiet(const struct rf_balancer *b)
{
	return !b->turn && !rf_turns_now(b->turns) && !rf_turns_waiting(b->turns, 0);
}

static void on_timer(evutil_socket_t fd, short what, void *data)
{
	struct rf_balancer *b = data;
	int generation;

	(void)fd;
	(void)what;
	if (!b->coordinator)
		return;
	generation = rf_moves_generation(b->moves);
	/* what was measured while ranks moved or stood still is of no use */
	if (is_on(b, RF_POLICY_LOAD) && is_quiet(b) && generation == b->generation)
		look(b);
	b->generation = generation;
	rf_loads_reset(b->loads);
}

/* ---- memory ---- */

static unsigned room_of(const struct rf_balancer *b, const struct rf_sight *s, unsigned host)
{
	unsigned cpus = s->host[host].cpus, i, n = rf_sight_ranks_on(s, host);
	unsigned most;

	for (i = 0; i < s->own && !cpus; i++)
		cpus = s->host[i].cpus;
	most = (unsigned)(b->dense * cpus + 0.001);
	return s->host[host].closed || most < n ? 0 : most - n;
}

static void relieve_from(struct rf_balancer *b, const struct rf_sight *s, unsigned from,
			 const struct rf_relief_host *host, const struct rf_relief_rank *rank)
{
	unsigned one, to, *place = calloc(s->view.ranks + 1, sizeof(*place)), r;
	bool found = place &&
		     rf_relief_choose(host, s->view.hosts, rank, s->view.ranks, from, &one, &to);
	char left[RF_SIZE_TEXT], why[RF_ERROR_TEXT];

	rf_size_show((uint64_t)(host[from].available < 0 ? 0 : host[from].available), left);
	for (r = 0; found && r < s->view.ranks; r++)
		place[r] = r == one ? to : s->rank[r].host;
	if (found) {
		rf_say("%s: %s of memory are left; moving rank %u, its largest, to %s",
		       s->host[from].name, left, one, s->host[to].name);
		rf_event(b->events, "balance.begin", "{s:s, s:s, s:i, s:I, s:I}", "host",
			 s->host[from].name, "reason", "memory", "ranks", 1, "available",
			 (json_int_t)host[from].available, "memory", (json_int_t)host[from].memory);
		b->relieving = true;
		b->relieving_rank = one;
		b->relief_ms = rf_clock_ms() + RELIEF_MS;
		move(b, s, place);
	} else if (place) {
		snprintf(why, sizeof(why),
			 "its memory is short, and no other host has room and memory for its "
			 "largest rank that was not moved lately");
		hold(b, s->host[from].name, why);
	}
	free(place);
}

/* Room for when each rank was moved. */
static int remember(struct rf_balancer *b, unsigned ranks)
{
	int64_t *more = ranks > b->ranks ? realloc(b->relieved, ranks * sizeof(*more)) : NULL;

	if (ranks <= b->ranks)
		return 0;
	if (!more)
		return -1;
	memset(more + b->ranks, 0, (ranks - b->ranks) * sizeof(*more));
	b->relieved = more;
	b->ranks = ranks;
	return 0;
}

static void relieve(struct rf_balancer *b, const char *name)
{
	struct rf_relief_host *host = NULL;
	struct rf_relief_rank *rank = NULL;
	struct rf_loads_host mean;
	struct rf_error err;
	struct rf_hostlist *spares;
	struct rf_sight s;
	unsigned i, r;

	if (open_sight(b, &s, &spares, &err) == 0) {
		host = calloc(s.view.hosts + 1, sizeof(*host));
		if (remember(b, s.view.ranks) == 0)
			rank = calloc(s.view.ranks + 1, sizeof(*rank));
		if (b->dense < 1)
			b->dense = rf_balance_density(&s.view);
	}
	for (i = 0; host && rank && i < s.view.hosts; i++) {
		rf_loads_host(b->loads, s.host[i].name, &mean);
		host[i] = (struct rf_relief_host){mean.memory, mean.available, mean.pressure,
						  room_of(b, &s, i)};
	}
	for (r = 0; host && rank && r < s.view.ranks; r++)
		rank[r] = (struct rf_relief_rank){s.rank[r].host, s.rank[r].memory,
						  b->relieved[r] > rf_clock_ms()};
	for (i = 0; host && rank && i < s.own; i++)
		if (strcmp(s.host[i].name, name) == 0 && rf_sight_ranks_on(&s, i) > 0 &&
		    rf_relief_is_short(&host[i]))
			relieve_from(b, &s, i, host, rank);
	free(host);
	free(rank);
	close_sight(&s, spares);
}

void rf_balancer_load(struct rf_balancer *b, const char *host, const struct rf_load *load)
{
	if (!b || !b->coordinator || policy(b)->balance.on == 0 ||
	    rf_loads_hear(b->loads, host, load) < 0)
		return;
	if (is_on(b, RF_POLICY_MEMORY) && rf_clock_ms() >= b->relief_ms && is_quiet(b))
		relieve(b, host);
}

/* ---- begin and end ---- */

int rf_balancer_watch_ms(const struct rf_policy *p)
{
	if (p->balance.on == 0)
		return 0;
	return p->balance.every_ms < RF_BALANCER_WATCH_MS ? (int)p->balance.every_ms
							  : RF_BALANCER_WATCH_MS;
}

void rf_balancer_change(struct rf_balancer *b)
{
	const int64_t ms = policy(b)->balance.every_ms;

	event_del(b->timer);
	if (!b->coordinator || policy(b)->balance.on == 0)
		return;
	rf_loads_reset(b->loads);
	rf_later(b->timer, ms);
}

void rf_balancer_begin(struct rf_balancer *b, struct rf_coordinator *coordinator,
		       struct rf_moves *moves, struct rf_turns *turns)
{
	b->coordinator = coordinator;
	b->moves = moves;
	b->turns = turns;
	b->generation = rf_moves_generation(moves);
	b->began_ms = rf_clock_ms();
	rf_balancer_change(b);
}

void rf_balancer_finish(struct rf_balancer *b)
{
	if (!b)
		return;
	b->coordinator = NULL;
	event_del(b->timer);
	if (b->turn && !rf_turn_begun(b->turn))
		end_turn(b);
}

struct rf_balancer *rf_balancer_create(struct event_base *base, const struct rf_policies *policies,
				       struct rf_events *events, const struct rf_balancer_ops *ops,
				       void *data, struct rf_error *err)
{
	struct rf_balancer *b = calloc(1, sizeof(*b));

	if (b) {
		b->policies = policies;
		b->events = events;
		b->ops = ops;
		b->data = data;
		b->timer = event_new(base, -1, EV_PERSIST, on_timer, b);
		b->balance = rf_balance_create();
		b->loads = rf_loads_create();
	}
	if (b && b->timer && b->balance && b->loads)
		return b;
	rf_balancer_destroy(b);
	rf_error_set(err, ENOMEM, "no memory to balance load");
	return NULL;
}

void rf_balancer_destroy(struct rf_balancer *b)
{
	if (!b)
		return;
	if (b->timer)
		event_free(b->timer);
	rf_balance_destroy(b->balance);
	rf_loads_destroy(b->loads);
	rf_hostlist_destroy(b->sources);
	free(b->relieved);
	free(b);
}
