/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The end of a job's time: when all hosts that it could be on will be gone, as when its allocation
 * ends. Moves are of no use then; shortly before, the job is to stop at a snapshot, if its policy
 * says so (snapshot.before_end). In a libevent loop, one thread.
 */
#ifndef RF_LAUNCHER_LIMIT_H
#define RF_LAUNCHER_LIMIT_H

#include <event2/event.h>
#include <stdint.h>

#include "plan.h"
#include "policy/policy.h"
#include "util/error.h"
#include "warden.h"

#define RF_LIMIT_AGAIN_MS 2000 /* after a stop that has failed */

struct rf_limit;

struct rf_limit_ops {
	void (*stop)(void *data); /* rf_limit_failed() follows, or the end of the job */
};

/* `policy` and `ops` must stay valid; the policy may change. */
struct rf_limit *rf_limit_create(struct event_base *base, const struct rf_policy *policy,
				 const struct rf_limit_ops *ops, void *data, struct rf_error *err);

/* What a monitor has said last, and all hosts that there are for the job. */
void rf_limit_hear(struct rf_limit *limit, unsigned monitor, const struct rf_word *words,
		   unsigned count, const struct rf_plan_host *hosts, unsigned n);

/* What a word on a host means under the policy. */
enum rf_host_state rf_limit_judge(const struct rf_limit *limit, const struct rf_word *word);

void rf_limit_failed(struct rf_limit *limit, const struct rf_error *why);
void rf_limit_change(struct rf_limit *limit); /* the policy has */
void rf_limit_stop(struct rf_limit *limit);   /* the job ends. NULL is allowed, also below */
void rf_limit_destroy(struct rf_limit *limit);

#endif
