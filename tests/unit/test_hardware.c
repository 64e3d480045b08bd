/* SPDX-License-Identifier: BSD-3-Clause */
/* The monitor of memory errors, with counters that start anew. */
#include "unit.h"

#include <stdio.h>

#include <rankferry/plugin.h>

static const struct rankferry_core *core;
static void *hardware;
static char told[200];

static const char *option(const struct rankferry_core *c, const char *name)
{
	(void)c;
	return *name == 'c' ? "10" : "95";
}

static void tell(const struct rankferry_core *c, const struct rankferry_word *word)
{
	(void)c;
	snprintf(told, sizeof(told), "%s: %s", word->host, word->reason);
}

/* What it says of a host with these counts. */
static const char *look(double corrected, double uncorrected)
{
	const struct rankferry_host host = {.size = sizeof(host),
					    .name = "a",
					    .corrected = corrected,
					    .uncorrected = uncorrected,
					    .heat = -1};
	const struct rankferry_host *const list[] = {&host};

	*told = '\0';
	CU_ASSERT_EQUAL(rankferry_plugin.look(core, hardware, list, 1), 0);
	return told;
}

static void begin(void)
{
	static const struct rankferry_core ours = {
		.size = sizeof(ours), .option = option, .tell = tell};

	core = &ours;
	CU_ASSERT_EQUAL_FATAL(rankferry_plugin.open(core, &hardware), 0);
}

static void test_counts(void)
{
	begin();
	CU_ASSERT_STRING_EQUAL(look(-1, -1), "");
	CU_ASSERT_STRING_EQUAL(look(100, 7), ""); /* from before the job */
	CU_ASSERT_STRING_EQUAL(look(109, 7), "");
	CU_ASSERT_STRING_EQUAL(look(110, 7), "a: 10 corrected memory errors within an hour");
	CU_ASSERT_STRING_EQUAL(look(110, 9), "a: 2 uncorrected memory errors");
	rankferry_plugin.close(hardware);
}

static void test_restarts(void)
{
	begin();
	CU_ASSERT_STRING_EQUAL(look(100, 7), "");
	CU_ASSERT_STRING_EQUAL(look(60, 4), ""); /* one of two drivers is gone */
	CU_ASSERT_STRING_EQUAL(look(-1, -1), "");
	CU_ASSERT_STRING_EQUAL(look(0, 0), ""); /* counted anew */
	CU_ASSERT_STRING_EQUAL(look(9, 0), "");
	CU_ASSERT_STRING_EQUAL(look(10, 0), "a: 10 corrected memory errors within an hour");
	CU_ASSERT_STRING_EQUAL(look(10, 1), "a: 1 uncorrected memory errors");
	rankferry_plugin.close(hardware);
}

static const struct unit_test tests[] = {
	{"errors from before the job are history", test_counts},
	{"counters that start anew are followed", test_restarts},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("hardware", tests);
}
