/* SPDX-License-Identifier: BSD-3-Clause */
#include "limit.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "say.h"
#include "timer.h"

#define LOOK_MS 3600000 /* clocks may be set; and what is far away is looked at again */

struct rf_limit {
	const struct rf_policy *policy;
	const struct rf_limit_ops *ops;
	void *data;
	int64_t end_s[RF_WARDEN_MONITORS]; /* as each has said; 0: there is none */
	struct event *timer;
	bool stopping, over;
	char said[RF_ERROR_TEXT]; /* of the last failure */
};

/* The first; 0: none. */
static int64_t end_of(const struct rf_limit *limit)
{
	int64_t end = 0;
	unsigned i;

	for (i = 0; i < RF_WARDEN_MONITORS; i++)
		if (limit->end_s[i] && (!end || limit->end_s[i] < end))
			end = limit->end_s[i];
	return end;
}

static void schedule(struct rf_limit *limit)
{
	int64_t end = end_of(limit), before = limit->policy->snapshot.before_end_ms, ms;

	event_del(limit->timer);
	if (!end || before == RF_POLICY_NEVER || limit->stopping || limit->over)
		return;
	ms = (end - (int64_t)time(NULL)) * 1000 - before;
	rf_later(limit->timer, ms < 0 ? 0 : ms < LOOK_MS ? ms : LOOK_MS);
}

static void on_timer(evutil_socket_t fd, short what, void *data)
{
	struct rf_limit *limit = data;
	int64_t end = end_of(limit), before = limit->policy->snapshot.before_end_ms;

	(void)fd;
	(void)what;
	if (!end || (end - (int64_t)time(NULL)) * 1000 > before) {
		schedule(limit);
		return;
	}
	if (!*limit->said)
		rf_say("the time of all hosts ends in %lld s: the job stops at a snapshot",
		       (long long)(end - (int64_t)time(NULL)));
	limit->stopping = true;
	limit->ops->stop(limit->data);
}

void rf_limit_failed(struct rf_limit *limit, const struct rf_error *why)
{
	if (!limit->stopping)
		return;
	limit->stopping = false;
	if (strcmp(limit->said, why->text) != 0)
		rf_say("no snapshot to stop at: %s; trying again until the end", why->text);
	strcpy(limit->said, why->text);
	if (!limit->over)
		rf_later(limit->timer, RF_LIMIT_AGAIN_MS);
}

/* When it will be gone by what is said; 0: it stays. */
static int64_t end_of_host(const char *host, const struct rf_word *words, unsigned count)
{
	int64_t end = 0;
	unsigned i;

	for (i = 0; i < count; i++)
		if (words[i].ends && strcmp(words[i].host, host) == 0 &&
		    (!end || words[i].deadline_s < end))
			end = words[i].deadline_s;
	return end;
}

void rf_limit_hear(struct rf_limit *limit, unsigned monitor, const struct rf_word *words,
		   unsigned count, const struct rf_plan_host *hosts, unsigned n)
{
	int64_t last = 0, end;
	unsigned i;

	for (i = 0; i < n; i++) {
		end = end_of_host(hosts[i].name, words, count);
		if (!end)
			break;
		if (end > last)
			last = end;
	}
	limit->end_s[monitor] = i == n ? last : 0;
	schedule(limit);
}

/* Where nothing lasts longer, there is nowhere to go. */
enum rf_host_state rf_limit_judge(const struct rf_limit *limit, const struct rf_word *word)
{
	const struct rf_policy *p = limit->policy;
	int64_t left_ms = (word->deadline_s - (int64_t)time(NULL)) * 1000, end = end_of(limit);

	if (word->ends)
		return p->evacuate.on & (1u << RF_POLICY_TIME_LEFT) &&
				       left_ms <= p->evacuate.time_left_ms &&
				       (!end || word->deadline_s < end)
			       ? RF_HOST_DRAIN
			       : RF_HOST_OK;
	if (word->state == RF_HOST_DRAIN && !(p->evacuate.on & (1u << RF_POLICY_DRAIN)))
		return RF_HOST_OK;
	return word->state;
}

void rf_limit_change(struct rf_limit *limit)
{
	schedule(limit);
}

void rf_limit_stop(struct rf_limit *limit)
{
	if (!limit)
		return;
	limit->over = true;
	event_del(limit->timer);
}

struct rf_limit *rf_limit_create(struct event_base *base, const struct rf_policy *policy,
				 const struct rf_limit_ops *ops, void *data, struct rf_error *err)
{
	struct rf_limit *limit = calloc(1, sizeof(*limit));

	if (limit)
		limit->timer = evtimer_new(base, on_timer, limit);
	if (!limit || !limit->timer) {
		free(limit);
		rf_error_set(err, ENOMEM, "no memory to watch the job's time");
		return NULL;
	}
	limit->policy = policy;
	limit->ops = ops;
	limit->data = data;
	return limit;
}

void rf_limit_destroy(struct rf_limit *limit)
{
	if (!limit)
		return;
	event_free(limit->timer);
	free(limit);
}
