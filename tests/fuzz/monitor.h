/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * For targets that include a monitor: what it gets to use. A text is refused with a line that names
 * its place, or each word has a host, a state, and no end of line in its reason.
 */
#ifndef TESTS_FUZZ_MONITOR_H
#define TESTS_FUZZ_MONITOR_H

#include "fuzz.h"

#include <rankferry/plugin.h>
#include <stdarg.h>

static int told;
static char failure[1000];

static const char *core_option(const struct rankferry_core *core, const char *name)
{
	(void)core;
	return strcmp(name, "ahead") == 0 ? "1d" : "";
}

static void core_tell(const struct rankferry_core *core, const struct rankferry_word *word)
{
	(void)core;
	FUZZ_CHECK(word->size == sizeof(*word) && word->host && *word->host);
	FUZZ_CHECK(!strpbrk(word->host, " \t\r\n#") && word->state <= RANKFERRY_UNHEALTHY);
	FUZZ_CHECK(!word->reason || (*word->reason && !strpbrk(word->reason, "\r\n#")));
	told++;
}

static int core_fail(const struct rankferry_core *core, const char *format, ...)
{
	va_list ap;

	(void)core;
	va_start(ap, format);
	vsnprintf(failure, sizeof(failure), format, ap);
	va_end(ap);
	return -1;
}

static const struct rankferry_core monitor_core = {
	.size = sizeof(monitor_core), .option = core_option, .tell = core_tell, .fail = core_fail};

/* What a call for the file "f" has returned. */
static void check_call(int rc)
{
	FUZZ_CHECK(rc == 0 ? !*failure : told == 0 && strncmp(failure, "f:", 2) == 0);
	told = 0;
	*failure = '\0';
}

#endif
