/* SPDX-License-Identifier: BSD-3-Clause */
#include "periodic.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"
#include "timer.h"
#include "util/clock.h"

struct rf_periodic {
	struct rf_interval interval;
	struct rf_interval_facts facts;
	int64_t created_ms, elapsed_ms; /* of the job, at that time */
	int64_t begun_ms;		/* of the last one: its begin, or that of this */
	bool taking, stopped;
	unsigned again; /* how often it was tried in vain */
	const struct rf_periodic_ops *ops;
	void *data;
	struct event *timer;
	char said[RF_ERROR_TEXT]; /* the last failure; said once, not at each interval */
};

static void obey(struct rf_periodic *p, const struct rf_policy *policy)
{
	_Static_assert(RF_INTERVAL_NEVER == RF_POLICY_NEVER && RF_INTERVAL_AUTO == RF_POLICY_AUTO,
		       "the same words");

	p->interval = (struct rf_interval){policy->snapshot.every_ms, policy->snapshot.mtbf_ms,
					   policy->snapshot.overhead};
}

static void schedule(struct rf_periodic *p)
{
	int64_t now = rf_clock_ms(), next;

	event_del(p->timer);
	p->facts.elapsed_ms = p->elapsed_ms + now - p->created_ms;
	next = rf_interval_next(&p->interval, &p->facts);
	if (next == RF_INTERVAL_NEVER || p->stopped)
		return;
	next -= now - p->begun_ms;
	rf_later(p->timer, next > 0 ? next : 0);
}

static void on_due(evutil_socket_t fd, short what, void *data)
{
	struct rf_periodic *p = data;

	(void)fd;
	(void)what;
	if (p->ops->busy(p->data)) {
		rf_later(p->timer, RF_PERIODIC_AGAIN_MS);
		return;
	}
	p->begun_ms = rf_clock_ms();
	p->taking = true;
	p->ops->take(p->data);
}

void rf_periodic_done(struct rf_periodic *p, int64_t pause_us)
{
	int64_t now = rf_clock_ms();

	p->facts.pause_us = pause_us;
	if (p->taking)
		p->facts.write_ms = now - p->begun_ms;
	else
		p->begun_ms = now;
	p->taking = false;
	*p->said = '\0';
	p->again = 0;
	schedule(p);
}

void rf_periodic_failed(struct rf_periodic *p, const struct rf_error *why)
{
	if (!p->taking)
		return;
	p->taking = false;
	if (p->stopped)
		return;
	/* ranks are not in MPI yet, or no more, or a thread could not be stopped */
	if (why->code == EAGAIN && p->again < RF_PERIODIC_AGAIN) {
		rf_later(p->timer, RF_PERIODIC_AGAIN_MS << p->again++);
		return;
	}
	p->again = 0;
	if (why->code != ECANCELED && strcmp(p->said, why->text) != 0) {
		rf_say("a snapshot was due, and could not be taken: %s", why->text);
		strcpy(p->said, why->text);
	}
	schedule(p);
}

void rf_periodic_change(struct rf_periodic *p, const struct rf_policy *policy)
{
	obey(p, policy);
	if (!p->taking)
		schedule(p);
}

void rf_periodic_stop(struct rf_periodic *p)
{
	if (!p)
		return;
	p->stopped = true;
	event_del(p->timer);
}

struct rf_periodic *rf_periodic_create(struct event_base *base, const struct rf_policy *policy,
				       const struct rf_interval_facts *facts,
				       const struct rf_periodic_ops *ops, void *data,
				       struct rf_error *err)
{
	struct rf_periodic *p = calloc(1, sizeof(*p));

	if (p)
		p->timer = evtimer_new(base, on_due, p);
	if (!p || !p->timer) {
		free(p);
		rf_error_set(err, ENOMEM, "no memory to take snapshots from time to time");
		return NULL;
	}
	obey(p, policy);
	p->facts = *facts;
	p->created_ms = p->begun_ms = rf_clock_ms();
	p->elapsed_ms = facts->elapsed_ms;
	p->ops = ops;
	p->data = data;
	schedule(p);
	return p;
}

void rf_periodic_destroy(struct rf_periodic *p)
{
	if (!p)
		return;
	event_free(p->timer);
	free(p);
}
