/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/log.h"

static char seen[2 * RF_LOG_TEXT];
static int calls;

static void keep(enum rf_log_level level, const char *text, size_t size, void *data)
{
	(void)level;
	CU_ASSERT_PTR_EQUAL(data, seen);
	CU_ASSERT_FATAL(size < sizeof(seen));
	memcpy(seen, text, size);
	seen[size] = '\0';
	calls++;
}

static void test_level(void)
{
	enum rf_log_level level = RF_LOG_INFO;
	struct rf_error err = {0};

	CU_ASSERT_EQUAL(rf_log_parse_level(NULL, &level, &err), -1);
	CU_ASSERT_EQUAL(rf_log_parse_level("loud", &level, &err), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "\"loud\" is none of"));
	CU_ASSERT_EQUAL(level, RF_LOG_INFO);
	CU_ASSERT_EQUAL(rf_log_parse_level("debug", &level, &err), 0);
	CU_ASSERT_EQUAL(level, RF_LOG_DEBUG);
	rf_log_set_sink(keep, seen);
	rf_log_set_level(RF_LOG_WARNING);
	CU_ASSERT_EQUAL(rf_log_level(), RF_LOG_WARNING);
	calls = 0;
	rf_log(RF_LOG_INFO, "not said");
	rf_log(RF_LOG_DEBUG, "not said");
	CU_ASSERT_EQUAL(calls, 0);
	rf_log(RF_LOG_WARNING, "said");
	CU_ASSERT_STRING_EQUAL(seen, "rankferry: warning: said\n");
	rf_log(RF_LOG_ERROR, "rank %d", 3);
	CU_ASSERT_STRING_EQUAL(seen, "rankferry: rank 3\n");
	rf_log_set_level(RF_LOG_DEBUG);
	rf_log(RF_LOG_DEBUG, "step");
	CU_ASSERT_STRING_EQUAL(seen, "rankferry: debug: step\n");
	rf_log_set_sink(NULL, NULL);
}

static void test_lines(void)
{
	rf_log_set_sink(keep, seen);
	rf_log(RF_LOG_INFO, "one\ntwo");
	CU_ASSERT_STRING_EQUAL(seen, "rankferry: one\nrankferry: two\n");
	rf_log(RF_LOG_INFO, "one\n");
	CU_ASSERT_STRING_EQUAL(seen, "rankferry: one\n");
	rf_log(RF_LOG_INFO, "%s", "");
	CU_ASSERT_STRING_EQUAL(seen, "rankferry: \n");
	rf_log_set_sink(NULL, NULL);
}

static void test_terminal(void)
{
	static const struct {
		const char *raw, *shown;
	} texts[] = {
		{"\033[31mred", "rankferry: ?[31mred\n"},
		{"a\rb\x7f\x01", "rankferry: a?b??\n"},
		{"tab\there", "rankferry: tab\there\n"},
		{"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80",
		 "rankferry: gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80\n"},
		{"\xc3(", "rankferry: ?(\n"},
		{"\xc2\x9b", "rankferry: ??\n"},	   /* CSI in one C1 character */
		{"\xed\xa0\x80", "rankferry: ???\n"},	   /* a surrogate */
		{"\xc0\xaf", "rankferry: ??\n"},	   /* an overlong slash */
		{"\xf4\x90\x80\x80", "rankferry: ????\n"}, /* beyond U+10FFFF */
		{"\xe2\x82", "rankferry: ??\n"},	   /* cut off */
	};
	size_t i;

	rf_log_set_sink(keep, seen);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		rf_log(RF_LOG_INFO, "%s", texts[i].raw);
		CU_ASSERT_STRING_EQUAL(seen, texts[i].shown);
	}
	rf_log_set_sink(NULL, NULL);
}

static void test_long(void)
{
	char big[2 * RF_LOG_TEXT];

	memset(big, 'x', sizeof(big));
	big[sizeof(big) - 1] = '\0';
	rf_log_set_sink(keep, seen);
	rf_log(RF_LOG_INFO, "%s", big);
	CU_ASSERT_EQUAL(strlen(seen), strlen("rankferry: ") + RF_LOG_TEXT);
	CU_ASSERT_STRING_EQUAL(seen + strlen(seen) - 5, "x...\n");
	memset(big, '\n', sizeof(big) - 1);
	rf_log(RF_LOG_WARNING, "%s", big);
	CU_ASSERT(strlen(seen) < RF_LOG_TEXT);
	rf_log_set_sink(NULL, NULL);
}

/* One packet a write: the socket shows that a message of several lines is one write. */
static void test_stderr(void)
{
	int saved = dup(STDERR_FILENO), pipes[2];
	char text[256];
	ssize_t n;

	CU_ASSERT_EQUAL_FATAL(pipe2(pipes, O_DIRECT), 0);
	dup2(pipes[1], STDERR_FILENO);
	errno = ENOENT;
	rf_log(RF_LOG_ERROR, "one\ntwo");
	CU_ASSERT_EQUAL(errno, ENOENT);
	dup2(saved, STDERR_FILENO);
	n = read(pipes[0], text, sizeof(text));
	CU_ASSERT_EQUAL(n, (ssize_t)strlen("rankferry: one\nrankferry: two\n"));
	close(pipes[0]);
	close(pipes[1]);
	close(saved);
}

/* A stderr that nobody reads, and that is not blocking, delays by a second and then loses text. */
static void test_full_stderr(void)
{
	int saved = dup(STDERR_FILENO), pipes[2];
	char fill[4096] = {0};

	CU_ASSERT_EQUAL_FATAL(pipe2(pipes, O_NONBLOCK), 0);
	while (write(pipes[1], fill, sizeof(fill)) > 0)
		;
	dup2(pipes[1], STDERR_FILENO);
	rf_log(RF_LOG_ERROR, "lost");
	dup2(saved, STDERR_FILENO);
	CU_PASS("it came back");
	close(pipes[0]);
	close(pipes[1]);
	close(saved);
}

static const struct unit_test tests[] = {
	{"levels filter, and are told apart", test_level},
	{"every line has the prefix, the last one newline", test_lines},
	{"nothing that commands a terminal gets through", test_terminal},
	{"long messages are cut, never overrun", test_long},
	{"a message to stderr is one write", test_stderr},
	{"a full stderr does not stop us", test_full_stderr},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("log", tests);
}
