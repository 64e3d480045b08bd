/* SPDX-License-Identifier: BSD-3-Clause */
#include "unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "util/duration.h"
#include "util/size.h"

static void test_null(void)
{
	uint64_t bytes = 5;
	int64_t ms = 5;

	CU_ASSERT_EQUAL(rf_duration_parse(NULL, &ms, NULL), -1);
	CU_ASSERT_EQUAL(rf_size_parse(NULL, &bytes, NULL), -1);
	CU_ASSERT_EQUAL(rf_duration_parse("", &ms, NULL), -1);
	CU_ASSERT_EQUAL(rf_size_parse("", &bytes, NULL), -1);
	CU_ASSERT_EQUAL(ms, 5);
	CU_ASSERT_EQUAL(bytes, 5);
}

static void test_bad_durations(void)
{
	static const struct {
		const char *text, *fault;
	} bad[] = {
		{"90", "the unit is missing: say ms, s, m, h or d"},
		{"s", "does not begin with a number"},
		{"-1s", "does not begin with a number"},
		{"+1s", "does not begin with a number"},
		{" 1s", "does not begin with a number"},
		{"1 s", "there is no unit \" s\""},
		{"1s ", "there is no unit \"s \""},
		{"1S", "there is no unit \"S\""},
		{"1.s", "no digit behind the point"},
		{".5s", "does not begin with a number"},
		{"1h30m", "there is no unit \"h30m\""},
		{"0.5ms", "is not a whole number of ms"},
		{"1.0005s", "is not a whole number of ms"},
		{"1.0000000000s", "more than 9 digits behind the point"},
		{"1e3s", "there is no unit \"e3s\""},
		{"0x10s", "there is no unit \"x10s\""},
		{"366001d", "is too large"},
		{"99999999999999999d", "is too large"},
		{"99999999999999999999999s", "is too large"},
		{"nan", "does not begin with a number"},
	};
	struct rf_error err;
	int64_t ms = 5;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(&err, 0, sizeof(err));
		CU_ASSERT_EQUAL(rf_duration_parse(bad[i].text, &ms, &err), -1);
		if (!strstr(err.text, bad[i].fault)) {
			CU_FAIL("wrong error text");
			printf("# %s\n", err.text);
		}
	}
	CU_ASSERT_EQUAL(ms, 5);
}

static void test_durations(void)
{
	static const struct {
		const char *text;
		int64_t ms;
		const char *formatted;
	} good[] = {
		{"0s", 0, "0s"},
		{"0ms", 0, "0s"},
		{"1ms", 1, "1ms"},
		{"1500ms", 1500, "1500ms"},
		{"90s", 90000, "90s"},
		{"60s", 60000, "1m"},
		{"0.25s", 250, "250ms"},
		{"15m", 900000, "15m"},
		{"1.5h", 5400000, "90m"},
		{"2d", 172800000, "2d"},
		{"0.000000000d", 0, "0s"},
		{"1.500000000s", 1500, "1500ms"},
		{"366000d", RF_DURATION_MAX, "366000d"},
	};
	char text[RF_DURATION_TEXT];
	int64_t ms;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		CU_ASSERT_EQUAL(rf_duration_parse(good[i].text, &ms, NULL), 0);
		CU_ASSERT_EQUAL(ms, good[i].ms);
		rf_duration_format(ms, text);
		CU_ASSERT_STRING_EQUAL(text, good[i].formatted);
	}
}

static void test_bad_sizes(void)
{
	static const struct {
		const char *text, *fault;
	} bad[] = {
		{"10G", "there is no unit \"G\": say B, KiB"},
		{"10gib", "there is no unit \"gib\""},
		{"-1", "does not begin with a number"},
		{"0.5", "is not a whole number of B"},
		{"1.0001KiB", "is not a whole number of B"},
		{"16EiB", "is too large"},
		{"18446744073709551616", "is too large"},
		{"18446744073709551615.999PiB", "is too large"},
	};
	struct rf_error err;
	uint64_t bytes = 5;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(&err, 0, sizeof(err));
		CU_ASSERT_EQUAL(rf_size_parse(bad[i].text, &bytes, &err), -1);
		if (!strstr(err.text, bad[i].fault)) {
			CU_FAIL("wrong error text");
			printf("# %s\n", err.text);
		}
	}
	CU_ASSERT_EQUAL(bytes, 5);
}

static void test_sizes(void)
{
	static const struct {
		const char *text;
		uint64_t bytes;
		const char *formatted, *shown;
	} good[] = {
		{"0", 0, "0B", "0 B"},
		{"512", 512, "512B", "512 B"},
		{"512B", 512, "512B", "512 B"},
		{"1KiB", 1024, "1KiB", "1 KiB"},
		{"1KB", 1000, "1000B", "1000 B"},
		{"1kB", 1000, "1000B", "1000 B"},
		{"1.5KiB", 1536, "1536B", "1.5 KiB"},
		{"4097", 4097, "4097B", "4 KiB"},
		{"1023.9KB", 1023900, "1023900B", "1000 KiB"},
		{"1048575", 1048575, "1048575B", "1 MiB"},
		{"1.5GiB", 1610612736, "1536MiB", "1.5 GiB"},
		{"10GB", 10000000000, "9765625KiB", "9.31 GiB"},
		{"2TiB", 2199023255552, "2TiB", "2 TiB"},
		{"15EiB", 17293822569102704640u, "15EiB", "15 EiB"},
		{"18446744073709551615", UINT64_MAX, "18446744073709551615B", "16 EiB"},
	};
	char text[RF_SIZE_TEXT];
	uint64_t bytes, again;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		CU_ASSERT_EQUAL(rf_size_parse(good[i].text, &bytes, NULL), 0);
		CU_ASSERT_EQUAL(bytes, good[i].bytes);
		rf_size_format(bytes, text);
		CU_ASSERT_STRING_EQUAL(text, good[i].formatted);
		CU_ASSERT_EQUAL(rf_size_parse(text, &again, NULL), 0);
		CU_ASSERT_EQUAL(again, bytes);
		rf_size_show(bytes, text);
		CU_ASSERT_STRING_EQUAL(text, good[i].shown);
		if (strcmp(text, good[i].shown) != 0)
			printf("# %" PRIu64 ": %s\n", bytes, text);
	}
}

static const struct unit_test tests[] = {
	{"NULL and empty texts are refused", test_null},
	{"what is no duration is refused, with the reason", test_bad_durations},
	{"durations are exact and format back", test_durations},
	{"what is no size is refused, with the reason", test_bad_sizes},
	{"sizes are exact and format back", test_sizes},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("quantity", tests);
}
