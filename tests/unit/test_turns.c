/* SPDX-License-Identifier: BSD-3-Clause */
#include "unit.h"

#include <errno.h>
#include <event2/event.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "launcher/turns.h"

static struct event_base *base;
static char log_[64];
static int logged;
static bool held;
static char said[RF_ERROR_TEXT];

static void begin(void *data)
{
	log_[logged++] = *(const char *)data;
	log_[logged] = '\0';
}

static int late_code = ETIMEDOUT;

static void late(const struct rf_error *why, void *data)
{
	CU_ASSERT_EQUAL(why->code, late_code);
	snprintf(said, sizeof(said), "%s", why->text);
	rf_turn_end(*(struct rf_turn **)data);
}

static struct rf_turn *ask(struct rf_turns *turns, const char *name, const char *letter,
			   struct rf_error *err)
{
	const struct rf_turn_wish wish = {
		.name = name, .begin = begin, .data = (void *)(uintptr_t)letter};

	return rf_turns_ask(turns, &wish, err);
}

static bool hold(void *data)
{
	return *(bool *)data;
}

static struct rf_turns *create(void)
{
	struct rf_turns *turns;
	struct rf_error err;

	logged = 0;
	log_[0] = '\0';
	base = event_base_new();
	turns = rf_turns_create(base, hold, &held, &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(turns);
	return turns;
}

static void destroy(struct rf_turns *turns)
{
	rf_turns_destroy(turns);
	event_base_free(base);
}

static void step(void)
{
	event_base_loop(base, EVLOOP_NONBLOCK);
}

static void test_order(void)
{
	struct rf_turns *turns = create();
	char text[RF_TURN_NAME + 20];
	struct rf_error err;
	struct rf_turn *a = ask(turns, "a move", "a", &err);
	struct rf_turn *b = ask(turns, "a snapshot", "b", &err);
	struct rf_turn *c = ask(turns, "a move", "c", &err);

	CU_ASSERT_STRING_EQUAL(log_, "");
	CU_ASSERT_PTR_NULL(rf_turns_now(turns));
	CU_ASSERT(rf_turns_ahead(turns, text, sizeof(text)));
	CU_ASSERT_STRING_EQUAL(text, "a move and 2 more");
	step();
	step();
	CU_ASSERT_STRING_EQUAL(log_, "a");
	CU_ASSERT(rf_turn_begun(a) && !rf_turn_begun(b));
	CU_ASSERT_STRING_EQUAL(rf_turns_now(turns), "a move");
	CU_ASSERT_STRING_EQUAL(rf_turns_waiting(turns, 0), "a snapshot");
	CU_ASSERT_STRING_EQUAL(rf_turns_waiting(turns, 1), "a move");
	CU_ASSERT_PTR_NULL(rf_turns_waiting(turns, 2));
	CU_ASSERT(rf_turns_ahead(turns, text, sizeof(text)));
	CU_ASSERT_STRING_EQUAL(text, "a move and 2 more");
	rf_turn_end(a);
	step();
	CU_ASSERT_STRING_EQUAL(log_, "ab");
	CU_ASSERT_STRING_EQUAL(rf_turns_now(turns), "a snapshot");
	rf_turn_end(b);
	step();
	CU_ASSERT_STRING_EQUAL(log_, "abc");
	rf_turn_end(c);
	step();
	CU_ASSERT_PTR_NULL(rf_turns_now(turns));
	CU_ASSERT_FALSE(rf_turns_ahead(turns, text, sizeof(text)));
	destroy(turns);
}

static void test_withdrawn(void)
{
	struct rf_turns *turns = create();
	struct rf_error err;
	struct rf_turn *a = ask(turns, "a move", "a", &err);
	struct rf_turn *b = ask(turns, "a move", "b", &err);
	struct rf_turn *c = ask(turns, "a move", "c", &err);

	rf_turn_end(a);
	step();
	CU_ASSERT_STRING_EQUAL(log_, "b");
	rf_turn_end(c);
	rf_turn_end(b);
	step();
	CU_ASSERT_STRING_EQUAL(log_, "b");
	rf_turn_end(NULL);
	destroy(turns);
}

static void test_bounded(void)
{
	struct rf_turn *turn[RF_TURNS_MOST];
	struct rf_turns *turns = create();
	struct rf_error err;
	int i;

	for (i = 0; i < RF_TURNS_MOST; i++)
		CU_ASSERT_PTR_NOT_NULL_FATAL(turn[i] = ask(turns, "a move", "a", &err));
	CU_ASSERT_PTR_NULL(ask(turns, "a move", "a", &err));
	CU_ASSERT_STRING_EQUAL(err.text,
			       "32 commands wait for their turn already; try again later");
	for (i = 0; i < RF_TURNS_MOST; i++)
		rf_turn_end(turn[i]);
	destroy(turns);
}

static void test_deadline(void)
{
	struct rf_turns *turns = create();
	struct rf_error err;
	struct rf_turn *a = ask(turns, "evacuate node1", "a", &err), *b;
	const struct rf_turn_wish wish = {
		.name = "a snapshot", .wait_ms = 100, .begin = begin, .late = late, .data = &b};

	step();
	b = rf_turns_ask(turns, &wish, &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(b);
	event_base_loop(base, EVLOOP_ONCE);
	CU_ASSERT_STRING_EQUAL(
		said, "evacuate node1 is still under way after 0.1 s of waiting: not begun");
	CU_ASSERT_PTR_NULL(rf_turns_waiting(turns, 0));
	rf_turn_end(a);
	step();
	CU_ASSERT_STRING_EQUAL(log_, "a");
	destroy(turns);
}

/* It begins when it may, when it has waited for long enough, or when its own time is over. */
static void test_held(void)
{
	struct rf_turns *turns = create();
	struct rf_error err;
	struct rf_turn *a = ask(turns, "a move", "a", &err), *b;
	const struct rf_turn_wish wish = {.name = "a snapshot",
					  .wait_ms = 100,
					  .begin = begin,
					  .late = late,
					  .data = (void *)(uintptr_t) "b"};

	held = true;
	step();
	CU_ASSERT_STRING_EQUAL(log_, "");
	held = false;
	event_base_loop(base, EVLOOP_ONCE);
	CU_ASSERT_STRING_EQUAL(log_, "a");
	held = true;
	b = rf_turns_ask(turns, &wish, &err);
	rf_turn_end(a);
	while (logged < 2 && rf_turn_waited_ms(b) < 1000)
		event_base_loop(base, EVLOOP_ONCE);
	CU_ASSERT_STRING_EQUAL(log_, "ab");
	/* libevent's clock moves in ticks of up to 10 ms, so its timers are early by as much */
	CU_ASSERT(rf_turn_waited_ms(b) >= 90);
	rf_turn_end(b);
	held = false;
	destroy(turns);
}

static void withdraw(void *data)
{
	(void)data;
	log_[logged++] = '!';
	log_[logged] = '\0';
}

/* `client` wants what is withdrawn by a "!" in the log when it has begun. */
static struct rf_turn *ask_for(struct rf_turns *turns, const char *client, struct rf_turn **turn,
			       int yield_ms)
{
	const struct rf_turn_wish wish = {.name = "a snapshot",
					  .begin = withdraw,
					  .late = late,
					  .withdraw = withdraw,
					  .client = client,
					  .yield_ms = yield_ms,
					  .data = turn};
	struct rf_error err;

	logged = 0;
	log_[0] = '\0';
	*turn = rf_turns_ask(turns, &wish, &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(*turn);
	return *turn;
}

static void test_clients(void)
{
	const char *const client[] = {"a", "b", "c"};
	struct rf_turns *turns = create();
	struct rf_turn *turn[3];
	int i;

	late_code = ECANCELED;
	for (i = 0; i < 3; i++)
		ask_for(turns, client[i], &turn[i], 0);
	step();
	CU_ASSERT_STRING_EQUAL(log_, "!");
	rf_turns_withdraw(turns, client[1]); /* waits: is told */
	CU_ASSERT_STRING_EQUAL(said, "cancelled; the job goes on where it was");
	CU_ASSERT_STRING_EQUAL(log_, "!");
	rf_turns_withdraw(turns, client[1]); /* has none any more */
	rf_turns_withdraw(turns, client[0]); /* has begun */
	CU_ASSERT_STRING_EQUAL(log_, "!!");
	rf_turns_drop(turns);
	CU_ASSERT_STRING_EQUAL(said, "the job has ended");
	CU_ASSERT_PTR_NULL(rf_turns_waiting(turns, 0));
	CU_ASSERT(rf_turn_begun(turn[0]));
	rf_turn_end(turn[0]);
	rf_turns_drop(NULL);
	destroy(turns);
	late_code = ETIMEDOUT;
}

static void test_yields(void)
{
	struct rf_turns *turns = create();
	struct rf_turn *casual, *other, *move;

	ask_for(turns, NULL, &casual, 50);
	step();
	ask_for(turns, NULL, &other, 50); /* as little wanted: nothing happens */
	event_base_loopexit(base, &(struct timeval){0, 100000});
	event_base_dispatch(base);
	CU_ASSERT_STRING_EQUAL(log_, "");
	ask_for(turns, "a", &move, 0);
	step();
	CU_ASSERT_STRING_EQUAL(log_, "");
	event_base_loopexit(base, &(struct timeval){0, 200000});
	event_base_dispatch(base);
	CU_ASSERT_STRING_EQUAL(log_, "!"); /* once */
	CU_ASSERT(rf_turn_begun(casual));
	rf_turn_end(casual);
	rf_turn_end(other);
	step();
	CU_ASSERT(rf_turn_begun(move));
	rf_turn_end(move);
	destroy(turns);
}

static void test_names(void)
{
	struct rf_turns *turns = create();
	struct rf_error err;
	char name[200];
	struct rf_turn *a;

	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	a = ask(turns, name, "a", &err);
	memcpy(name + RF_TURN_NAME - 4, "...", 4);
	CU_ASSERT_STRING_EQUAL(rf_turns_waiting(turns, 0), name);
	rf_turn_end(a);
	destroy(turns);
}

static const struct unit_test tests[] = {
	{"turns come in the order in which they were asked for, one at a time", test_order},
	{"one that is not wanted any more is passed over", test_withdrawn},
	{"only so many wait", test_bounded},
	{"who has waited for too long is told for what", test_deadline},
	{"what would only be refused yet is held back for a while", test_held},
	{"clients withdraw theirs, and the job's end those that wait", test_clients},
	{"what is of little use gives way, after a while", test_yields},
	{"long names are cut", test_names},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("turns", tests);
}
