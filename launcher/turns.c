/* SPDX-License-Identifier: BSD-3-Clause */
#include "turns.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "util/clock.h"

#define AGAIN_MS 50 /* to ask whether it is to be held back */

struct rf_turn {
	struct rf_turns *turns;
	char name[RF_TURN_NAME];
	struct rf_turn_wish wish; /* its name is not used */
	int64_t asked_ms;
	struct event *deadline;
	bool yields; /* it was withdrawn for the sake of others */
	struct rf_turn *prev, *next;
};

struct rf_turns {
	struct event_base *base;
	bool (*hold)(void *data);
	void *data;
	struct rf_turn *now;   /* has begun */
	struct rf_turn *queue; /* wait for theirs */
	unsigned waiting;
	struct event *proceed; /* to the next one, from the loop */
	struct event *yield;
};

static bool is_wanted_by_others(const struct rf_turns *turns)
{
	const struct rf_turn *turn = turns->now ? turns->queue : NULL;

	while (turn && turn->wish.yield_ms)
		turn = turn->next;
	return turn && turns->now->wish.yield_ms && !turns->now->yields;
}

static void on_yield(evutil_socket_t fd, short what, void *data)
{
	const struct rf_turns *turns = data;

	(void)fd;
	(void)what;
	if (!is_wanted_by_others(turns))
		return;
	turns->now->yields = true;
	turns->now->wish.withdraw(turns->now->wish.data);
}

static void yield_later(struct rf_turns *turns)
{
	struct timeval wait;

	if (!is_wanted_by_others(turns) || event_pending(turns->yield, EV_TIMEOUT, NULL))
		return;
	wait = (struct timeval){turns->now->wish.yield_ms / 1000,
				turns->now->wish.yield_ms % 1000 * 1000};
	event_add(turns->yield, &wait);
}

static void proceed_soon(struct rf_turns *turns)
{
	const struct timeval soon = {0, 0};

	if (!turns->now && turns->queue)
		event_add(turns->proceed, &soon);
}

static void begin(struct rf_turn *turn)
{
	struct rf_turns *turns = turn->turns;

	DL_DELETE(turns->queue, turn);
	turns->waiting--;
	turns->now = turn;
	event_del(turn->deadline);
	turn->wish.begin(turn->wish.data);
	yield_later(turns);
}

static void on_proceed(evutil_socket_t fd, short what, void *data)
{
	struct rf_turns *turns = data;
	struct rf_turn *turn = turns->queue;
	const struct timeval again = {0, AGAIN_MS * 1000};

	(void)fd;
	(void)what;
	if (turns->now || !turn)
		return;
	if (turns->hold && rf_turn_waited_ms(turn) < RF_TURNS_HOLD_MS && turns->hold(turns->data))
		event_add(turns->proceed, &again);
	else
		begin(turn);
}

static void on_late(evutil_socket_t fd, short what, void *data)
{
	struct rf_turn *turn = data;
	const struct rf_turns *turns = turn->turns;
	struct rf_error err;

	(void)fd;
	(void)what;
	if (!turns->now && turn == turns->queue) { /* held back: it is told why */
		begin(turn);
		return;
	}
	rf_error_set(&err, ETIMEDOUT, "%s is still under way after %.1f s of waiting: not begun",
		     turns->now ? turns->now->name : turns->queue->name,
		     rf_turn_waited_ms(turn) / 1e3);
	turn->wish.late(&err, turn->wish.data);
}

struct rf_turn *rf_turns_ask(struct rf_turns *turns, const struct rf_turn_wish *wish,
			     struct rf_error *err)
{
	const int ms = wish->wait_ms ? wish->wait_ms : RF_TURNS_WAIT_MS;
	const struct timeval wait = {ms / 1000, ms % 1000 * 1000};
	struct rf_turn *turn;

	if (turns->waiting >= RF_TURNS_MOST) {
		rf_error_set(err, EAGAIN,
			     "%u commands wait for their turn already; try again later",
			     turns->waiting);
		return NULL;
	}
	turn = calloc(1, sizeof(*turn));
	if (turn)
		turn->deadline = evtimer_new(turns->base, on_late, turn);
	if (!turn || !turn->deadline) {
		free(turn);
		rf_error_set(err, ENOMEM, "no memory for a command");
		return NULL;
	}
	turn->turns = turns;
	turn->wish = *wish;
	turn->asked_ms = rf_clock_ms();
	if (snprintf(turn->name, sizeof(turn->name), "%s", wish->name) >= (int)sizeof(turn->name))
		strcpy(turn->name + sizeof(turn->name) - 4, "...");
	DL_APPEND(turns->queue, turn);
	turns->waiting++;
	event_add(turn->deadline, &wait);
	proceed_soon(turns);
	yield_later(turns);
	return turn;
}

bool rf_turn_begun(const struct rf_turn *turn)
{
	return turn->turns->now == turn;
}

int rf_turn_waited_ms(const struct rf_turn *turn)
{
	return (int)(rf_clock_ms() - turn->asked_ms);
}

void rf_turn_end(struct rf_turn *turn)
{
	struct rf_turns *turns = turn ? turn->turns : NULL;

	if (!turn)
		return;
	if (turns->now == turn) {
		turns->now = NULL;
		event_del(turns->yield);
	} else {
		DL_DELETE(turns->queue, turn);
		turns->waiting--;
	}
	event_free(turn->deadline);
	free(turn);
	proceed_soon(turns);
}

void rf_turns_withdraw(struct rf_turns *turns, const void *client)
{
	struct rf_turn *turn = turns->queue;
	struct rf_error err;

	if (turns->now && turns->now->wish.client == client) {
		turns->now->wish.withdraw(turns->now->wish.data);
		return;
	}
	while (turn && turn->wish.client != client)
		turn = turn->next;
	rf_error_set(&err, ECANCELED, "cancelled; the job goes on where it was");
	if (turn)
		turn->wish.late(&err, turn->wish.data);
}

void rf_turns_drop(struct rf_turns *turns)
{
	struct rf_turn *turn, *next;
	struct rf_error err;

	rf_error_set(&err, ECANCELED, "the job has ended");
	if (turns)
		DL_FOREACH_SAFE(turns->queue, turn, next)
	turn->wish.late(&err, turn->wish.data);
}

const char *rf_turns_now(const struct rf_turns *turns)
{
	return turns->now ? turns->now->name : NULL;
}

const char *rf_turns_waiting(const struct rf_turns *turns, unsigned n)
{
	const struct rf_turn *turn = turns->queue;

	while (turn && n-- > 0)
		turn = turn->next;
	return turn ? turn->name : NULL;
}

bool rf_turns_ahead(const struct rf_turns *turns, char *text, size_t size)
{
	const struct rf_turn *first = turns->now ? turns->now : turns->queue;
	unsigned more = turns->waiting - (first && !turns->now);

	if (!first)
		return false;
	if (more)
		snprintf(text, size, "%s and %u more", first->name, more);
	else
		snprintf(text, size, "%s", first->name);
	return true;
}

struct rf_turns *rf_turns_create(struct event_base *base, bool (*hold)(void *data), void *data,
				 struct rf_error *err)
{
	struct rf_turns *turns = calloc(1, sizeof(*turns));

	if (turns) {
		turns->base = base;
		turns->hold = hold;
		turns->data = data;
		turns->proceed = evtimer_new(base, on_proceed, turns);
		turns->yield = evtimer_new(base, on_yield, turns);
	}
	if (turns && turns->proceed && turns->yield)
		return turns;
	if (turns && turns->proceed)
		event_free(turns->proceed);
	free(turns);
	rf_error_set(err, ENOMEM, "no memory to take commands");
	return NULL;
}

void rf_turns_destroy(struct rf_turns *turns)
{
	if (!turns)
		return;
	event_free(turns->proceed);
	event_free(turns->yield);
	free(turns);
}
