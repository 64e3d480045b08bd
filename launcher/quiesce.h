/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One quiesce of a job, as the coordinator sees it: brings all ranks to a point where no collective
 * is half done and no message under way, gives them orders there, and lets them go on. Whatever
 * goes wrong, the ranks are told to go on.
 *
 *	begin -> (QUIESCE, TARGETS, ADVANCE)... -> STOP -> reached(STOP)
 *	      -> ask(CAPTURE) -> reached(CAPTURE) -> ... -> ask(RESUME) -> over(NULL)
 *	      -> a failure, the deadline, cancel() -> CANCEL -> over(why)
 *
 * In a libevent loop, one thread. No callback is made from rf_quiesce_begin().
 */
#ifndef RF_LAUNCHER_QUIESCE_H
#define RF_LAUNCHER_QUIESCE_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"
#include "wire/step.h"

#define RF_QUIESCE_STALL_MS  3 /* without news, before held ranks are let on by one collective */
#define RF_QUIESCE_CANCEL_MS 10000 /* for ranks to go on, after a CANCEL */

struct rf_quiesce;

struct rf_report {
	unsigned rank;
	uint32_t id;
	enum rf_step step;
	enum rf_where where;
	int error;	  /* 0: none */
	const char *text; /* with an error: what has failed */
	const void *body; /* NULL: none */
	size_t size;
};

struct rf_quiesce_ops {
	/* Gives an order to the ranks of `who`, all if NULL. -1: it can not be given. */
	int (*order)(uint32_t id, enum rf_step step, const bool *who, const void *body, size_t size,
		     void *data, struct rf_error *err);
	/* All ranks have answered: STOP, and then what was asked, but RESUME. */
	void (*reached)(enum rf_step step, void *data);
	/*
	 * The last call: the ranks go on (as far as they have answered), or have ended. `why` is
	 * NULL after RESUME. The quiesce may be destroyed here.
	 */
	void (*over)(const struct rf_error *why, void *data);
	/* "3 on node1": a rank for people. Valid until the next call. */
	const char *(*name)(unsigned rank, void *data);
};

/* Orders have `id`, which was never used in this job. The deadline is for all up to RESUME's end.
 */
struct rf_quiesce *rf_quiesce_begin(struct event_base *base, uint32_t id, unsigned ranks,
				    int deadline_ms, const struct rf_quiesce_ops *ops, void *data,
				    struct rf_error *err);

/* A report has come. Those with another id, or of no interest now, do nothing. */
void rf_quiesce_report(struct rf_quiesce *quiesce, const struct rf_report *report);

/* A rank has ended, or its link has: it can answer nothing more. A failure. */
void rf_quiesce_lost(struct rf_quiesce *quiesce, unsigned rank, const char *how);

/* After reached(): the next order. `who` as above; the others count as having answered. */
void rf_quiesce_ask(struct rf_quiesce *quiesce, enum rf_step step, const bool *who,
		    const void *body, size_t size);

/* Takes back or sets the deadline anew, from now on. 0: none, when somebody else has one. */
void rf_quiesce_deadline(struct rf_quiesce *quiesce, int ms);

/*
 * There is no way back any more, and for now no deadline: what goes wrong from now on stops nobody
 * from going on with RESUME. over() then says what it was.
 */
void rf_quiesce_commit(struct rf_quiesce *quiesce);

/* Lets all ranks go on; over() follows with this reason. */
void rf_quiesce_cancel(struct rf_quiesce *quiesce, const struct rf_error *why);

/* Tells nobody anything. NULL is allowed. */
void rf_quiesce_destroy(struct rf_quiesce *quiesce);

#endif
