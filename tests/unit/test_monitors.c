/* SPDX-License-Identifier: BSD-3-Clause */
/* Rankferry's own monitors, each in its process: what they make of what they read. */
#define _GNU_SOURCE
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "launcher/plugin.h"
#include "util/clock.h"

static struct event_base *base;

/* Each file is written before; then the words, "HOST STATE DEADLINE REASON" and ";" behind each, or
 * the failure. */
static const struct look {
	const char *spec, *file, *text, *said;
} looks[] = {
	{"state:file=s", "s", "", ""},
	{"state:file=none", "s", "", ""},
	{"state:file=s", "s", "a drain\n", "a drain 0 -;"},
	{"state:file=s", "s",
	 "# all\n\n a \t drain  new  kernel # not this\nb ok\nc[1-3] unhealthy",
	 "a drain 0 new  kernel ;c[1-3] unhealthy 0 -;"},
	{"state:file=s", "s", "a drain\r\nb\r\n", "!s:2: no state after the host"},
	{"state:file=s", "s", "a down\n", "!s:1: a state is drain, unhealthy or ok"},
	{"state:command=echo a drain x", "s", "", "a drain 0 x;"},
	{"state:command=echo a drain x; exit 3", "s", "",
	 "!`echo a drain x; exit 3' has ended with 3"},
	{"state:command=kill -9 $$", "s", "", "!`kill -9 $$' has ended with 137"},
	{"state:file=.", "s", "", "!can not read .: Is a directory"},
	{"calendar:file=c", "c", "a 2020-01-01T00:00Z 2020-01-02T00:00Z old\n", ""},
	{"calendar:file=c", "c",
	 "a 2020-01-01T00:00Z 2090-01-02T00:00Z\nb[1-2]\t2020-02-29T12:30:15+01:00 "
	 "2090-01-01T00:00Z "
	 "new switch\n",
	 "a drain 1577836800 maintenance;b[1-2] drain 1582975815 new switch;"},
	{"calendar:file=c", "c", "a 2080-01-01T00:00Z 2090-01-02T00:00Z x\n", ""},
	{"calendar:file=c", "c",
	 "ok 2020-01-01T00:00Z 2090-01-02T00:00Z\na 2020-01-01 2021-01-01\n",
	 "!c:2: a time is like 2026-12-01T08:00 or 2026-12-01T08:00Z"},
	{"calendar:file=c", "c", "a 2021-02-30T00:00Z 2090-01-02T00:00Z\n",
	 "!c:1: a time is like 2026-12-01T08:00 or 2026-12-01T08:00Z"},
	{"calendar:file=c", "c", "a 2021-02-03T00:00+1:00 2090-01-02T00:00Z\n",
	 "!c:1: a time is like 2026-12-01T08:00 or 2026-12-01T08:00Z"},
	{"calendar:file=c", "c", "a 2021-02-03T00:00Z\n", "!c:1: a window is HOSTS BEGIN END"},
	{"calendar:file=c", "c", "a 2021-02-03T00:00Z 2021-02-03T01:00+01:00\n",
	 "!c:1: the end is not after the begin"},
	{"calendar:file=none", "c", "", "!can not read none: No such file or directory"},
	{"calendar:file=c,ahead=5", "c", "", "!ahead is a duration: 90s, 10m, 2h or 1d"},
	{"cloud:file=%h.notice", "node1.notice", "FALSE\n", ""},
	{"cloud:file=%h.notice", "node1.notice", "none", ""},
	{"cloud:file=%h.notice", "node1.notice", "", ""},
	{"cloud:file=%h.notice", "node1.notice",
	 "{\n \"action\": \"stop\", \"time\": \"2020-01-01T00:00:00Z\"}\n",
	 "node1 drain 1577836800 the cloud takes it away;"},
	{"cloud:file=%h.notice", "node1.notice", "TRUE", "node1 drain 0 the cloud takes it away;"},
	{"cloud:file=notice", "s", "", "!file must have %h, for the host, in it"},
	{"probe:command=exit 0", "s", "", ""},
	{"probe:command=echo $1 is hot; exit 1", "s", "",
	 "node1 unhealthy 0 node1 is hot;node2 unhealthy 0 node2 is hot;"},
	{"probe:command=test $1 = node1 && exit 1; exit 7", "s", "",
	 "node1 unhealthy 0 its probe says so;"},
	{"probe:command=sleep 100,limit=1", "s", "", ""},
	{"probe:command=x,limit=0", "s", "", "!limit is a number of seconds from 1 to 4"},
	{"slurm", "s", "", "!no nodes are set, and this is no allocation of Slurm's"},
	{"slurm:nodes=n[1-4],scontrol=./scontrol", "scontrol",
	 "#!/bin/sh\n[ \"$*\" = '-o show node n[1-4]' ] || exit 9\ncat <<E\n"
	 "NodeName=n1 Arch=x86_64 State=IDLE ThreadsPerCore=1 \n"
	 "NodeName=n2 State=MIXED+DRAIN OS=Linux Reason=kernel update [root@2026-11-28T09:00:00]\n"
	 "NodeName=n3 State=DOWN* ThreadsPerCore=1\n"
	 "NodeName=n4 State=ALLOCATED+PLANNED NextState=DRAIN\nE\n",
	 "n2 drain 0 kernel update;n3 unhealthy 0 Slurm says so;"},
	{"slurm:nodes=n,scontrol=./scontrol", "scontrol", "#!/bin/sh\nexit 1\n",
	 "!./scontrol has ended with 1"},
	{"slurm:nodes=n,scontrol=./none", "s", "",
	 "!can not run ./none: No such file or directory"},
};

static char got[2000];
static bool answered;

static void on_answer(const json_t *answer, const struct rf_error *why, void *data)
{
	json_t *word;
	size_t i, n = 0;

	(void)data;
	answered = true;
	*got = '\0';
	if (why)
		snprintf(got, sizeof(got), "!%s", why->text);
	json_array_foreach(json_object_get(answer, "words"), i, word)
	{
		const char *reason = json_string_value(json_object_get(word, "reason"));

		n += (size_t)snprintf(
			got + n, sizeof(got) - n, "%s %s %lld %s;",
			json_string_value(json_object_get(word, "host")),
			json_string_value(json_object_get(word, "state")),
			(long long)json_integer_value(json_object_get(word, "deadline")),
			reason ? reason : "-");
	}
}

static json_t *host(const char *name)
{
	return json_pack("{s:s, s:i, s:i, s:i, s:b}", "name", name, "cpus", 4, "ranks", 1, "room",
			 3, "spare", 0);
}

static void write_text(const struct look *look)
{
	FILE *file = fopen(look->file, "w");

	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	fputs(look->text, file);
	fclose(file);
	chmod(look->file, 0755);
}

static void ask(const struct look *look)
{
	static const struct rf_plugin_ops ops;
	int64_t until = rf_clock_ms() + 20000;
	struct rf_plugin_spec spec;
	struct rf_error err = {0};
	struct rf_plugin *plugin;

	write_text(look);
	CU_ASSERT_EQUAL_FATAL(rf_plugin_spec_parse("monitor", look->spec, &spec, &err), 0);
	plugin = rf_plugin_start(base, &spec, &ops, NULL, &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(plugin);
	if (rf_plugin_await(base, plugin, &err) < 0) {
		snprintf(got, sizeof(got), "!%s", strstr(err.text, ": ") + 2);
	} else {
		answered = false;
		rf_plugin_ask(plugin,
			      json_pack("{s:s, s:[o,o]}", "do", "look", "hosts", host("node1"),
					host("node2")),
			      on_answer, NULL);
		while (!answered && rf_clock_ms() < until)
			event_base_loop(base, EVLOOP_ONCE);
	}
	rf_plugin_destroy(plugin);
}

static void run(const struct look *look)
{
	ask(look);
	CU_ASSERT_STRING_EQUAL(got, look->said);
	if (strcmp(got, look->said) != 0)
		printf("# %s: %s\n#   not %s\n", look->spec, got, look->said);
}

static void test_looks(void)
{
	size_t i;

	for (i = 0; i < sizeof(looks) / sizeof(looks[0]); i++)
		run(&looks[i]);
}

static void test_slurm_end(void)
{
	static const struct {
		const char *says;
		long long left; /* -1: nothing is told */
	} limits[] = {
		{"0:07", 7},	   {"1:02:03", 3723}, {"2-01:00:01", 176401},
		{"UNLIMITED", -1}, {"NOT_SET", -1},   {"", -1},
		{"1:", -1},	   {"3-", -1},
	};
	struct look look = {"slurm:scontrol=true,squeue=./squeue", "squeue", NULL, NULL};
	const struct look refused = {"slurm:scontrol=true,squeue=./squeue", "squeue",
				     "#!/bin/sh\nexit 1\n", "!./squeue has ended with 1"};
	char script[200];
	size_t i;

	setenv("SLURM_JOB_NODELIST", "n[1-9]", 1);
	setenv("SLURM_JOB_ID", "77", 1);
	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		long long now = (long long)time(NULL), end = -1;
		char rest[100] = "";

		snprintf(script, sizeof(script),
			 "#!/bin/sh\n[ \"$*\" = '--noheader --format=%%L --jobs 77' ] || exit 9\n"
			 "echo '%s'\n",
			 limits[i].says);
		look.text = script;
		ask(&look);
		if (limits[i].left < 0) {
			CU_ASSERT_STRING_EQUAL(got, "");
			continue;
		}
		sscanf(got, "n[1-9] ends %lld %99[^\n]", &end, rest);
		CU_ASSERT(end >= now + limits[i].left && end <= now + limits[i].left + 30);
		CU_ASSERT_STRING_EQUAL(rest, "the allocation ends;");
	}
	run(&refused);
	unsetenv("SLURM_JOB_ID");
}

/* Local time is local, and a window begins earlier by `ahead`. */
static void test_calendar_soon(void)
{
	time_t begin = time(NULL) + 200;
	char text[200], from[40], said[100];
	struct tm local;
	struct look look = {"calendar:file=c,ahead=5m", "c", text, said};

	strftime(from, sizeof(from), "%FT%T", localtime_r(&begin, &local));
	snprintf(text, sizeof(text), "a %s 2090-01-01T00:00\n", from);
	snprintf(said, sizeof(said), "a drain %lld maintenance;", (long long)begin);
	run(&look);
	look.spec = "calendar:file=c,ahead=1m";
	*said = '\0';
	run(&look);
}

static const struct unit_test tests[] = {
	{"files, calendars, notices, probes and Slurm", test_looks},
	{"the end of an allocation", test_slurm_end},
	{"a window that begins soon", test_calendar_soon},
	{NULL, NULL},
};

int main(void)
{
	const char *build = getenv("RF_BUILDDIR");
	char path[4096];
	int rc;

	snprintf(path, sizeof(path), "%s/plugins/.libs", build ? build : ".");
	setenv(RF_PLUGIN_PATH, path, 1);
	unsetenv("SLURM_JOB_NODELIST");
	setenv("TZ", "Asia/Kolkata", 1);
	base = event_base_new();
	if (chdir(unit_tmpdir()) < 0)
		return 1;
	rc = unit_run("monitors", tests);
	event_base_free(base);
	return rc;
}
