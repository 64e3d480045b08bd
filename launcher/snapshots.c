/* SPDX-License-Identifier: BSD-3-Clause */
#include "snapshots.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "shelf.h"
#include "snapshot/store.h"
#include "storing.h"
#include "taking.h"

struct rf_snapshots {
	struct rf_snapshots_config config;
	struct rf_coordinator *coordinator;
	const struct rf_snapshots_ops *ops;
	void *data;
	struct rf_taking *taking;
	bool finishing;
	struct event *idle; /* after finish(), from the loop: nothing is under way any more */
	char *last;
	unsigned since_full; /* snapshots that have only what has changed */
};

static void on_published(const struct rf_taken *taken, void *data)
{
	struct rf_snapshots *s = data;

	free(s->last);
	s->last = strdup(taken->path);
	s->since_full = taken->base ? s->since_full + 1 : 0;
	s->ops->published(taken, s->data);
}

static void on_ended(void *data)
{
	struct rf_snapshots *s = data;
	const struct timeval now = {0, 0};

	if (s->finishing)
		event_add(s->idle, &now);
}

static const struct rf_taking_ops taking_ops = {on_published, on_ended};

static void on_idle(evutil_socket_t fd, short what, void *data)
{
	struct rf_snapshots *s = data;

	(void)fd;
	(void)what;
	s->ops->idle(s->data);
}

/* Has each rank its file of the last one where its next one will be? */
static bool is_base(const struct rf_snapshots *s)
{
	const struct rf_shelf *shelf = s->config.shelf;

	if (shelf && !rf_shelf_fits(shelf, rf_store_number(strrchr(s->last, '/') + 1),
				    rf_coordinator_roster(s->coordinator)))
		return false;
	return (shelf && !rf_shelf_is_global(shelf)) || rf_storing_readable(s->last);
}

void rf_snapshots_begin(struct rf_snapshots *s, const struct rf_snapshot_request *request,
			void *client)
{
	bool whole = request->full || !s->last || s->since_full + 1 >= RF_SNAPSHOT_FULL_EVERY ||
		     rf_taking_request(s->taking, NULL) || !is_base(s);
	struct rf_error err;

	if (!s->finishing) {
		rf_taking_begin(s->taking, request, whole ? NULL : s->last, client);
		return;
	}
	rf_error_set(&err, ECANCELED, "the job has ended");
	request->hearer->failed(&err, client);
}

void rf_snapshots_withdraw(struct rf_snapshots *s, const void *client)
{
	const void *asked_by = NULL;
	struct rf_error err;

	if (!rf_taking_request(s->taking, &asked_by) || asked_by != client)
		return;
	rf_error_set(&err, ECANCELED, "cancelled; the job goes on");
	rf_taking_cancel(s->taking, &err);
}

void rf_snapshots_report(struct rf_snapshots *s, const struct rf_report *report)
{
	rf_taking_report(s->taking, report);
}

void rf_snapshots_rank_lost(struct rf_snapshots *s, unsigned rank, const char *how)
{
	rf_taking_rank_lost(s->taking, rank, how);
}

bool rf_snapshots_finish(struct rf_snapshots *s)
{
	const struct rf_snapshot_request *now = rf_taking_request(s->taking, NULL);
	struct rf_error err;

	s->finishing = true;
	if (rf_taking_stands(s->taking)) {
		rf_error_set(&err, ECANCELED, "the job has ended");
		rf_taking_cancel(s->taking, &err);
	} else if (now && now->casual) {
		return false;
	}
	return rf_taking_request(s->taking, NULL) || event_pending(s->idle, EV_TIMEOUT, NULL);
}

const char *rf_snapshots_phase(const struct rf_snapshots *s)
{
	return rf_taking_phase(s->taking);
}

const char *rf_snapshots_last(const struct rf_snapshots *s)
{
	return s->last;
}

struct rf_snapshots *rf_snapshots_create(struct event_base *base,
					 struct rf_coordinator *coordinator,
					 const struct rf_snapshots_config *config,
					 const struct rf_snapshots_ops *ops, void *data,
					 struct rf_error *err)
{
	struct rf_snapshots *s = calloc(1, sizeof(*s));

	if (!s)
		goto failed;
	s->config = *config;
	s->coordinator = coordinator;
	s->ops = ops;
	s->data = data;
	s->idle = evtimer_new(base, on_idle, s);
	if (s->idle)
		s->taking = rf_taking_create(base, coordinator, &s->config, &taking_ops, s, err);
	if (s->taking)
		return s;
failed:
	rf_error_set(err, ENOMEM, "no memory to take snapshots");
	rf_snapshots_destroy(s);
	return NULL;
}

void rf_snapshots_destroy(struct rf_snapshots *s)
{
	if (!s)
		return;
	rf_taking_destroy(s->taking);
	if (s->idle)
		event_free(s->idle);
	free(s->last);
	free(s);
}
