/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "copying.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "routes.h"
#include "say.h"
#include "storing.h"

struct rf_copying {
	struct rf_copying_config config;
	const struct rf_copying_ops *ops;
	void *data;
	struct rf_precopy *precopy; /* NULL: all rounds are over */
	struct rf_routes *routes;   /* from host to host, or else: */
	char *partial;		    /* a directory in the store */
	int last;		    /* the last round that is complete, or -1 */
	/* Memory of rounds that is put in place where the ranks go. */
	struct rf_coordinator *coordinator;
	const bool *moves;
	bool *unplaced;		 /* per rank: it has not answered to the last order */
	unsigned ranks, placing; /* in all; who have not */
	uint32_t place_id;
	bool waits; /* the rounds are over, and only that is not */
	bool over;
	struct rf_copying_sizes sizes;
	uint64_t captured; /* memory of those whose last image is there */
};

static void end(struct rf_copying *c, const struct rf_error *why)
{
	if (c->over)
		return;
	c->over = true;
	c->ops->over(why, c->data);
}

/*
 * Whether what is left can be copied in the time that the ranks may stand still. Without a round
 * nobody knows: then only the quiesce's own deadline holds, unless a pause was asked for.
 */
static int check_rest(const struct rf_copying *c, const struct rf_copied *copied,
		      struct rf_error *err)
{
	if (c->last < 0 && c->config.max_pause_asked)
		return rf_error_set(err, EAGAIN,
				    "memory can not be copied while the ranks run, so it is not "
				    "known how long they would stand, and --max-pause allows "
				    "%.1f s; the job goes on where it was",
				    c->config.max_pause_ms / 1e3);
	if (!c->config.max_pause_ms || copied->rest_us <= (uint64_t)c->config.max_pause_ms * 1000)
		return 0;
	return rf_error_set(err, ETIMEDOUT,
			    "memory changes faster than it is copied: the ranks would stand for "
			    "%.1f s while the rest is, and --max-pause allows %.1f s; the job goes "
			    "on where it was",
			    (double)copied->rest_us / 1e6, c->config.max_pause_ms / 1e3);
}

/* ---- what has come is put in place meanwhile ---- */

static void go_on(struct rf_copying *c)
{
	if (c->routes)
		rf_routes_prepare(c->routes, -1, c->last);
	else
		end(c, NULL);
}

static int on_complete(unsigned round, void *data)
{
	struct rf_copying *c = data;
	struct rf_error err;

	c->place_id = rf_coordinator_new_id(c->coordinator);
	memcpy(c->unplaced, c->moves, c->ranks * sizeof(*c->unplaced));
	c->placing = rf_precopy_copied(c->precopy)->of;
	if (rf_coordinator_place(c->coordinator, c->place_id, c->moves, c->partial, round, &err) ==
	    0)
		return 0;
	rf_precopy_cancel(c->precopy, &err);
	return -1;
}

static void note_placed(struct rf_copying *c, const struct rf_report *report)
{
	struct rf_error err;

	if (report->id != c->place_id || report->rank >= c->ranks || !c->unplaced[report->rank])
		return;
	c->unplaced[report->rank] = false;
	c->placing--;
	if (report->error) {
		rf_error_set(&err, report->error, "rank %s: %s",
			     rf_roster_name(rf_coordinator_roster(c->coordinator), report->rank),
			     report->text);
		rf_copying_cancel(c, &err);
	} else if (c->waits && !c->placing) {
		c->waits = false;
		go_on(c);
	}
}

/* ---- rounds ---- */

static void on_progress(const struct rf_copied *copied, void *data)
{
	struct rf_copying *c = data;

	c->ops->progress(copied, c->data);
}

static void on_rounds_over(int last, const struct rf_error *why, void *data)
{
	struct rf_copying *c = data;
	struct rf_copied copied = *rf_precopy_copied(c->precopy);
	struct rf_error reason;

	if (why)
		reason = *why;
	rf_precopy_destroy(c->precopy);
	c->precopy = NULL;
	c->last = last;
	c->sizes.memory = copied.memory;
	c->sizes.copied = copied.bytes;
	c->sizes.rounds = (unsigned)(last + 1);
	c->sizes.noted = copied.noted;
	if (why || check_rest(c, &copied, &reason) < 0)
		end(c, &reason);
	else if (c->placing)
		c->waits = true;
	else
		go_on(c);
}

static void on_prepare(unsigned round, void *data)
{
	struct rf_copying *c = data;

	rf_routes_prepare(c->routes, (int)round, (int)round - 1);
}

/* The connections of a round are there, or those of the last images. */
static void on_routed(const struct rf_error *why, void *data)
{
	struct rf_copying *c = data;

	if (c->precopy)
		rf_precopy_ready(c->precopy, why);
	else
		end(c, why);
}

/* Where a rank is told that its image goes; from host to host it is only a word in messages. */
static const char *directory(const struct rf_copying *c)
{
	return c->routes ? "the other host" : c->partial;
}

int rf_copying_order(const struct rf_copying *c, char *body, size_t room, size_t *n,
		     struct rf_error *err)
{
	char round[16];

	*n = 0;
	snprintf(round, sizeof(round), "%d", c->last);
	if (rf_precopy_text(body, room, n, "dir", directory(c)) ||
	    rf_precopy_text(body, room, n, "sync", "1") ||
	    rf_precopy_text(body, room, n, "nofsync", "1") ||
	    rf_precopy_text(body, room, n, c->sizes.noted ? "keep" : "sums", "1") ||
	    (c->last >= 0 && c->partial &&
	     (rf_precopy_text(body, room, n, "base", c->partial) ||
	      rf_precopy_text(body, room, n, "baseround", round))))
		return rf_error_set(err, ENAMETOOLONG, "the path of the store is too long");
	return 0;
}

const char *rf_copying_snapshot(const struct rf_copying *c)
{
	return c->partial;
}

struct rf_copying_sizes rf_copying_sizes(const struct rf_copying *c)
{
	return c->sizes;
}

void rf_copying_report(struct rf_copying *c, const struct rf_report *report)
{
	uint64_t given, total;

	if (c->precopy)
		rf_precopy_report(c->precopy, report);
	if (report->step == RF_STEP_PLACE)
		note_placed(c, report);
	if (report->step != RF_STEP_CAPTURE || report->error ||
	    rf_precopy_sizes(report->text, &given, &total) < 0)
		return;
	c->sizes.last += given;
	c->captured += total;
	c->sizes.memory = c->captured;
}

void rf_copying_lost(struct rf_copying *c, unsigned rank, const char *how)
{
	struct rf_error err;

	if (c->precopy) {
		rf_precopy_lost(c->precopy, rank, how);
	} else if (c->waits) {
		rf_error_set(&err, ECANCELED, "rank %s %s",
			     rf_roster_name(rf_coordinator_roster(c->coordinator), rank), how);
		end(c, &err);
	}
}

void rf_copying_cancel(struct rf_copying *c, const struct rf_error *why)
{
	if (c->precopy)
		rf_precopy_cancel(c->precopy, why);
	else
		end(c, why);
}

struct rf_copying *rf_copying_begin(struct event_base *base, struct rf_coordinator *coordinator,
				    const bool *moves, const struct rf_copying_config *config,
				    const struct rf_copying_ops *ops, void *data,
				    struct rf_error *err)
{
	static const struct rf_precopy_ops store = {NULL, on_complete, on_progress, on_rounds_over},
					   direct = {on_prepare, on_complete, on_progress,
						     on_rounds_over};
	struct rf_copying *c = calloc(1, sizeof(*c));

	if (!c) {
		rf_error_errno(err, "no memory to copy ranks");
		return NULL;
	}
	c->config = *config;
	c->ops = ops;
	c->data = data;
	c->last = -1;
	c->coordinator = coordinator;
	c->moves = moves;
	c->ranks = rf_coordinator_roster(coordinator)->count;
	c->unplaced = calloc(c->ranks, sizeof(*c->unplaced));
	if (!c->unplaced) {
		rf_error_errno(err, "no memory to copy ranks");
		rf_copying_destroy(c);
		return NULL;
	}
	if (config->via_store)
		c->partial = rf_storing_begin(config->store, config->job, err);
	else
		c->routes = rf_routes_create(base, coordinator, moves, on_routed, c, err);
	if (c->partial || c->routes)
		c->precopy =
			rf_precopy_begin(base, coordinator, moves, directory(c), config->rounds_ms,
					 c->routes ? &direct : &store, c, err);
	if (c->precopy)
		return c;
	rf_copying_destroy(c);
	return NULL;
}

void rf_copying_destroy(struct rf_copying *c)
{
	struct rf_error err;

	if (!c)
		return;
	rf_precopy_destroy(c->precopy);
	rf_routes_destroy(c->routes);
	if (c->partial && rf_storing_abandon(c->partial, &err) < 0)
		rf_say("%s", err.text);
	free(c->partial);
	free(c->unplaced);
	free(c);
}
