/* SPDX-License-Identifier: BSD-3-Clause */
#include "revival.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

struct rf_revival {
	struct rf_coordinator *coordinator;
	unsigned ranks, ready;
	bool *is_ready;
	bool over;
	struct event *deadline;
	void (*done)(const struct rf_error *why, void *data);
	void *data;
};

static void end(struct rf_revival *r, const struct rf_error *why)
{
	if (r->over)
		return;
	r->over = true;
	event_del(r->deadline);
	r->done(why, r->data);
}

static void on_deadline(evutil_socket_t fd, short what, void *data)
{
	struct rf_revival *r = data;
	struct rf_error err;
	unsigned i = 0;

	(void)fd;
	(void)what;
	while (i < r->ranks && r->is_ready[i])
		i++;
	rf_error_set(&err, ETIMEDOUT, "rank %u has not been restored within %d minutes", i,
		     RF_REVIVAL_MS / 60000);
	end(r, &err);
}

static void resume(struct rf_revival *r)
{
	uint32_t id = rf_coordinator_new_id(r->coordinator);
	struct rf_error err;

	if (rf_coordinator_order(r->coordinator, id, RF_STEP_RESUME, NULL, NULL, 0, &err) < 0)
		end(r, &err);
	else
		end(r, NULL);
}

void rf_revival_report(struct rf_revival *r, const struct rf_report *report)
{
	const struct rf_roster *roster = rf_coordinator_roster(r->coordinator);
	struct rf_error err;

	if (r->over || report->step != RF_STEP_READY || report->rank >= r->ranks)
		return;
	if (report->error) {
		rf_error_set(&err, report->error, "rank %s can not go on: %s",
			     rf_roster_name(roster, report->rank), report->text);
		end(r, &err);
	} else if (!r->is_ready[report->rank]) {
		r->is_ready[report->rank] = true;
		if (++r->ready == r->ranks)
			resume(r);
	}
}

struct rf_revival *rf_revival_create(struct event_base *base, struct rf_coordinator *coordinator,
				     unsigned ranks,
				     void (*over)(const struct rf_error *why, void *data),
				     void *data, struct rf_error *err)
{
	const struct timeval wait = {RF_REVIVAL_MS / 1000, 0};
	struct rf_revival *r = calloc(1, sizeof(*r));

	if (r) {
		r->coordinator = coordinator;
		r->ranks = ranks;
		r->done = over;
		r->data = data;
		r->is_ready = calloc(ranks + 1, sizeof(*r->is_ready));
		r->deadline = evtimer_new(base, on_deadline, r);
	}
	if (!r || !r->is_ready || !r->deadline || event_add(r->deadline, &wait) < 0) {
		rf_revival_destroy(r);
		rf_error_set(err, ENOMEM, "no memory to restore the job");
		return NULL;
	}
	return r;
}

void rf_revival_destroy(struct rf_revival *r)
{
	if (!r)
		return;
	if (r->deadline)
		event_free(r->deadline);
	free(r->is_ready);
	free(r);
}
