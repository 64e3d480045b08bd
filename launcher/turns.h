/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One thing at a time is done with a job's ranks: who wants to move or snapshot them asks for a
 * turn, and those who ask are served one after the other, the first come first. In a libevent loop,
 * one thread.
 */
#ifndef RF_LAUNCHER_TURNS_H
#define RF_LAUNCHER_TURNS_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>

#include "util/error.h"

#define RF_TURNS_MOST	 32	/* that wait; more are refused */
#define RF_TURNS_WAIT_MS 600000 /* for a turn, unless asked otherwise */
#define RF_TURNS_HOLD_MS 5000	/* what is asked for is held back for this at most */
#define RF_TURN_NAME	 100	/* bytes; what is longer is cut */

struct rf_turns;
struct rf_turn;

/*
 * `hold` (NULL: never) says whether nothing is to begin yet, since it would only be refused and may
 * soon not be: the job has just started. It is asked again and again, for RF_TURNS_HOLD_MS.
 */
struct rf_turns *rf_turns_create(struct event_base *base, bool (*hold)(void *data), void *data,
				 struct rf_error *err);

struct rf_turn_wish {
	const char *name; /* for people, such as "evacuate node17"; copied */
	int wait_ms;	  /* at most; 0: RF_TURNS_WAIT_MS */
	void (*begin)(void *data);
	/* It has not come in time, or is not wanted any more before it has come. rf_turn_end() is
	 * still to be called, or was so in there. */
	void (*late)(const struct rf_error *why, void *data);
	/* It has come, and is not wanted any more: rf_turn_end() is to follow, soon or not. NULL:
	 * nobody withdraws it. */
	void (*withdraw)(void *data);
	const void *client; /* whose it is: see rf_turns_withdraw(); or NULL */
	int yield_ms;	    /* it is withdrawn when one that does not yield has waited for it so
			       long; 0: never */
	void *data;
};

/*
 * A turn. `begin` is called from the loop, never from here, when it has come; what was begun ends
 * with rf_turn_end(). NULL: too many wait.
 */
struct rf_turn *rf_turns_ask(struct rf_turns *turns, const struct rf_turn_wish *wish,
			     struct rf_error *err);

/* Has it come? */
bool rf_turn_begun(const struct rf_turn *turn);

/* For how long it has been waited for. */
int rf_turn_waited_ms(const struct rf_turn *turn);

/* It is over, or not wanted any more. Frees it. NULL is allowed. */
void rf_turn_end(struct rf_turn *turn);

/* The client does not want his any more, if he has one. */
void rf_turns_withdraw(struct rf_turns *turns, const void *client);

/* The job ends: all that wait are told. NULL is allowed. */
void rf_turns_drop(struct rf_turns *turns);

/* What has its turn, or NULL. */
const char *rf_turns_now(const struct rf_turns *turns);

/* What waits, in its order: the name of the nth, from 0, or NULL. */
const char *rf_turns_waiting(const struct rf_turns *turns, unsigned n);

/* Must somebody wait who asks now? Then `text` says for what: "evacuate node17 and 2 more". */
bool rf_turns_ahead(const struct rf_turns *turns, char *text, size_t size);

/* Every turn must have ended. NULL is allowed. */
void rf_turns_destroy(struct rf_turns *turns);

#endif
