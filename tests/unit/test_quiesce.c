/* SPDX-License-Identifier: BSD-3-Clause */
#include "unit.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "launcher/quiesce.h"
#include "wire/clocks.h"

#define RANKS 2
#define ID    7

static struct event_base *base;
static struct rf_quiesce *quiesce;
static char orders[200]; /* steps, with commas */
static int reached;
static bool over;
static struct rf_error why;

static int on_order(uint32_t id, enum rf_step step, const bool *who, const void *body, size_t size,
		    void *data, struct rf_error *err)
{
	size_t n = strlen(orders);

	(void)who, (void)body, (void)size, (void)data, (void)err;
	CU_ASSERT_EQUAL(id, ID);
	snprintf(orders + n, sizeof(orders) - n, "%d,", (int)step);
	return 0;
}

static void on_reached(enum rf_step step, void *data)
{
	(void)data;
	reached = (int)step;
}

static void on_over(const struct rf_error *reason, void *data)
{
	(void)data;
	over = true;
	why = reason ? *reason : (struct rf_error){0};
	rf_quiesce_destroy(quiesce); /* which is allowed */
	quiesce = NULL;
}

static const char *on_name(unsigned rank, void *data)
{
	(void)data;
	return rank ? "1 on b" : "0 on a";
}

static void answer(unsigned rank, enum rf_step step, int error)
{
	const struct rf_report report = {
		.rank = rank, .id = ID, .step = step, .error = error, .text = "no"};

	if (quiesce)
		rf_quiesce_report(quiesce, &report);
}

static void loop(void)
{
	event_base_loop(base, EVLOOP_NONBLOCK);
}

/* Both ranks have stopped, and taken other engines. */
static void begin(void)
{
	static const struct rf_quiesce_ops ops = {on_order, on_reached, on_over, on_name};
	const struct rf_clocks none = {.where = RF_WHERE_COMPUTING};
	struct rf_report report = {
		.id = ID, .step = RF_STEP_QUIESCE, .body = &none, .size = rf_clocks_size(0)};
	struct rf_error err;

	*orders = '\0';
	reached = -1;
	over = false;
	why = (struct rf_error){0};
	base = event_base_new();
	quiesce = rf_quiesce_begin(base, ID, RANKS, 60000, &ops, NULL, &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(quiesce);
	loop();
	for (report.rank = 0; report.rank < RANKS; report.rank++)
		rf_quiesce_report(quiesce, &report);
	answer(0, RF_STEP_STOP, 0);
	answer(1, RF_STEP_STOP, 0);
	CU_ASSERT_EQUAL(reached, RF_STEP_STOP);
	rf_quiesce_ask(quiesce, RF_STEP_SWITCH, NULL, NULL, 0);
	answer(0, RF_STEP_READY, 0);
	answer(1, RF_STEP_READY, 0);
	CU_ASSERT_EQUAL(reached, RF_STEP_SWITCH);
	*orders = '\0';
}

static void finish(void)
{
	rf_quiesce_destroy(quiesce);
	quiesce = NULL;
	event_base_free(base);
}

/* Was this order given, and nothing else? */
static bool ordered(enum rf_step step)
{
	char only[20];

	snprintf(only, sizeof(only), "%d,", (int)step);
	return strcmp(orders, only) == 0;
}

static void test_back(void)
{
	begin();
	rf_quiesce_lost(quiesce, 1, "is lost");
	CU_ASSERT(ordered(RF_STEP_CANCEL));
	answer(0, RF_STEP_CANCEL, 0);
	CU_ASSERT(over);
	CU_ASSERT_STRING_EQUAL(why.text, "rank 1 on b is lost");
	finish();
}

static void test_lost_after_commit(void)
{
	begin();
	rf_quiesce_commit(quiesce);
	rf_quiesce_lost(quiesce, 1, "is lost");
	CU_ASSERT_STRING_EQUAL(orders, "");
	CU_ASSERT_FALSE(over);
	rf_quiesce_ask(quiesce, RF_STEP_RESUME, NULL, NULL, 0);
	CU_ASSERT(ordered(RF_STEP_RESUME));
	answer(0, RF_STEP_RESUME, 0);
	CU_ASSERT(over);
	CU_ASSERT_STRING_EQUAL(why.text, "rank 1 on b is lost");
	finish();
}

static void test_error_after_commit(void)
{
	begin();
	rf_quiesce_commit(quiesce);
	rf_quiesce_ask(quiesce, RF_STEP_RESUME, NULL, NULL, 0);
	answer(1, RF_STEP_RESUME, EIO);
	CU_ASSERT_FALSE(over);
	answer(0, RF_STEP_RESUME, 0);
	CU_ASSERT(over && ordered(RF_STEP_RESUME));
	CU_ASSERT_STRING_EQUAL(why.text, "rank 1 on b: no");
	finish();
}

static void test_late_after_commit(void)
{
	begin();
	rf_quiesce_commit(quiesce);
	rf_quiesce_deadline(quiesce, 20);
	rf_quiesce_ask(quiesce, RF_STEP_RESUME, NULL, NULL, 0);
	answer(0, RF_STEP_RESUME, 0);
	event_base_loop(base, EVLOOP_ONCE);
	CU_ASSERT(over && ordered(RF_STEP_RESUME));
	CU_ASSERT_STRING_EQUAL(why.text, "within 20ms: rank 1 on b has not gone on");
	finish();
}

static void test_well(void)
{
	begin();
	rf_quiesce_commit(quiesce);
	rf_quiesce_ask(quiesce, RF_STEP_RESUME, NULL, NULL, 0);
	answer(0, RF_STEP_RESUME, 0);
	CU_ASSERT_FALSE(over);
	answer(1, RF_STEP_RESUME, 0);
	CU_ASSERT(over && ordered(RF_STEP_RESUME));
	CU_ASSERT_STRING_EQUAL(why.text, "");
	finish();
}

static const struct unit_test tests[] = {
	{"a loss before the commit lets all go back", test_back},
	{"after it the others go on, also if a rank is lost before they are told to",
	 test_lost_after_commit},
	{"and if one can not go on", test_error_after_commit},
	{"and if one does not answer", test_late_after_commit},
	{"all go on", test_well},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("quiesce", tests);
}
