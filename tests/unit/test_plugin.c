/* SPDX-License-Identifier: BSD-3-Clause */
/* rankferry-plugin-host, and plugins that behave badly in it. */
#define _GNU_SOURCE
#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/plugin.h"
#include "util/clock.h"

static struct event_base *base;

static int make(const char *text, struct rf_plugin_spec *spec)
{
	struct rf_error err = {0};
	int rc = rf_plugin_spec_parse("monitor", text, spec, &err);

	if (rc < 0)
		printf("# %s\n", err.text);
	return rc;
}

static void refused(const char *text, const char *why)
{
	struct rf_plugin_spec spec;
	struct rf_error err = {0};

	CU_ASSERT_EQUAL(rf_plugin_spec_parse("monitor", text, &spec, &err), -1);
	CU_ASSERT_STRING_EQUAL(err.text, why);
	if (strcmp(err.text, why) != 0)
		printf("# %s\n", err.text);
}

static void test_spec(void)
{
	struct rf_plugin_spec spec;

	CU_ASSERT_EQUAL_FATAL(make("state:file=a\\,b=c,every=2s,timeout=1m", &spec), 0);
	CU_ASSERT_STRING_EQUAL(spec.name, "state");
	CU_ASSERT_EQUAL(spec.every_ms, 2000);
	CU_ASSERT_EQUAL(spec.timeout_ms, 60000);
	CU_ASSERT_EQUAL(json_object_size(spec.options), 1);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(spec.options, "file")), "a,b=c");
	rf_plugin_spec_clear(&spec);
	CU_ASSERT_EQUAL_FATAL(make("state", &spec), 0);
	rf_plugin_spec_clear(&spec);
	refused("../x", "monitor ../x: '../x' is not a plugin's name");
	refused("", "monitor : '' is not a plugin's name");
	refused("state:file", "monitor state: 'file' is not OPTION=VALUE");
	refused("state:file=a,file=b", "monitor state: file is set twice");
	refused("state:every=1", "monitor state: every: duration \"1\": the unit is missing: say "
				 "ms, s, m, h or d, as in 90s");
	refused("state:every=1ms", "monitor state: every: from 100ms to 1d");
	refused("state:file=\xff", "monitor state: file is not UTF-8");
}

/* One plugin, asked once for each time that it is ready. */
struct run {
	struct rf_plugin *plugin;
	int answers, failures;
	bool off;
	char said[600];
};

static void on_answer(const json_t *answer, const struct rf_error *why, void *data)
{
	struct run *run = data;
	char *text;

	if (why) {
		run->failures++;
		strcpy(run->said, why->text);
		return;
	}
	run->answers++;
	text = json_dumps(json_object_get(answer, "words"), JSON_COMPACT | JSON_SORT_KEYS);
	snprintf(run->said, sizeof(run->said), "%s", text ? text : "");
	free(text);
}

static void on_ready(struct rf_plugin *plugin, void *data)
{
	struct run *run = data;

	if (run->answers + run->failures < 6)
		rf_plugin_ask(plugin, json_pack("{s:s, s:[]}", "do", "look", "hosts"), on_answer,
			      run);
}

static void on_off(struct rf_plugin *plugin, void *data)
{
	(void)plugin;
	((struct run *)data)->off = true;
}

static const struct rf_plugin_ops ops = {on_ready, on_off};

static void begin(struct run *run, const char *text)
{
	struct rf_plugin_spec spec;
	struct rf_error err = {0};

	memset(run, 0, sizeof(*run));
	CU_ASSERT_EQUAL_FATAL(make(text, &spec), 0);
	run->plugin = rf_plugin_start(base, &spec, &ops, run, &err);
	if (!run->plugin)
		printf("# %s\n", err.text);
	CU_ASSERT_PTR_NOT_NULL_FATAL(run->plugin);
}

static const struct {
	const char *how, *said;
	int failures; /* RF_PLUGIN_RESTARTS + 1: it is switched off */
} bad[] = {
	{"how=crash", "it was killed by signal 11 (Segmentation fault)", 4},
	{"how=exit", "it has ended by itself, with 3", 4},
	{"how=hang,timeout=300ms", "it has not answered for 300 ms", 4},
	{"how=stop,timeout=300ms", "it has not answered for 300 ms", 4},
	{"how=flood", "it says more than 1048576 bytes at once", 4},
	{"how=nonsense", "it says what is no answer", 4},
	/* these fail, and are none the worse for it */
	{"how=state", "it told of no host, or a state that is none", 6},
	{"how=bytes", "it told of a host in a text that is not UTF-8", 6},
	{"how=run", "it has not ended", 6},
	{"how=secret",
	 "[{\"deadline\":0,\"host\":\"node1\",\"reason\":\"it has not\",\"state\":\"drain\"}]", 0},
};

#define KINDS (sizeof(bad) / sizeof(bad[0]))

static void test_bad(void)
{
	struct run runs[KINDS];
	int64_t until = rf_clock_ms() + 50000;
	char text[100];
	size_t i, left = KINDS;

	setenv("OMPI_RANKFERRY_SECRET", "not for plugins", 1);
	for (i = 0; i < KINDS; i++) {
		snprintf(text, sizeof(text), "bad:%s", bad[i].how);
		begin(&runs[i], text);
	}
	while (left > 0 && rf_clock_ms() < until) {
		event_base_loop(base, EVLOOP_ONCE);
		for (i = left = 0; i < KINDS; i++)
			left += !runs[i].off && runs[i].answers + runs[i].failures < 6;
	}
	for (i = 0; i < KINDS; i++) {
		CU_ASSERT_EQUAL(runs[i].failures, bad[i].failures);
		CU_ASSERT_EQUAL(runs[i].off, bad[i].failures == RF_PLUGIN_RESTARTS + 1);
		CU_ASSERT_STRING_EQUAL(runs[i].said, bad[i].said);
		if (strcmp(runs[i].said, bad[i].said) != 0 || runs[i].failures != bad[i].failures)
			printf("# %s: %d times %s\n", bad[i].how, runs[i].failures, runs[i].said);
		rf_plugin_destroy(runs[i].plugin);
	}
	while (waitpid(-1, NULL, WNOHANG) > 0)
		; /* those of earlier failures, which the job's loop reaps */
	CU_ASSERT_EQUAL(waitpid(-1, NULL, WNOHANG), -1);
	CU_ASSERT_EQUAL(errno, ECHILD);
}

static int child_of(const char *path)
{
	int64_t until = rf_clock_ms() + 10000;
	FILE *file;
	int pid = 0;

	while (pid == 0 && rf_clock_ms() < until) {
		event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
		usleep(5000);
		file = fopen(path, "r");
		if (file) {
			if (fscanf(file, "%d", &pid) != 1)
				pid = 0;
			fclose(file);
		}
	}
	return pid;
}

/* What the plugin has started ends with it, wherever it has gone, whoever ends. */
static void test_children(void)
{
	static const char *const how[] = {"secret", "crash", "hang"};
	struct run run;
	char text[300], path[200];
	size_t i;
	int pid;

	for (i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/child-%zu", unit_tmpdir(), i);
		snprintf(text, sizeof(text), "bad:how=%s,child=%s", how[i], path);
		begin(&run, text);
		pid = child_of(path);
		CU_ASSERT(pid > 1);
		rf_plugin_destroy(run.plugin);
		CU_ASSERT(pid > 1 && kill(pid, 0) < 0 && errno == ESRCH);
	}
}

static void test_open(void)
{
	struct rf_plugin_spec spec;
	struct rf_error err = {0};
	struct run run;

	begin(&run, "bad:how=crash,why=not");
	CU_ASSERT_EQUAL(rf_plugin_await(base, run.plugin, &err), -1);
	CU_ASSERT_STRING_EQUAL(err.text, "monitor bad: it has no option 'why', but how, child");
	rf_plugin_destroy(run.plugin);
	begin(&run, "bad");
	CU_ASSERT_EQUAL(rf_plugin_await(base, run.plugin, &err), -1);
	CU_ASSERT_STRING_EQUAL(err.text, "monitor bad: its option how must be set: what to do");
	rf_plugin_destroy(run.plugin);
	CU_ASSERT_EQUAL_FATAL(make("none", &spec), 0);
	CU_ASSERT_PTR_NULL(rf_plugin_start(base, &spec, &ops, &run, &err));
	CU_ASSERT(strstr(err.text, "no monitor 'none': monitor-none.so is not in ") == err.text);
	rf_plugin_spec_clear(&spec);
}

static const struct unit_test tests[] = {
	{"a plugin's text", test_spec},
	{"one that is not there, or refuses its options", test_open},
	{"one that behaves badly is started again, then switched off", test_bad},
	{"nothing of a plugin is left", test_children},
	{NULL, NULL},
};

int main(void)
{
	const char *build = getenv("RF_BUILDDIR");
	char path[4096];
	int rc;

	snprintf(path, sizeof(path), "%s/tests/unit/.libs", build ? build : ".");
	setenv(RF_PLUGIN_PATH, path, 1);
	base = event_base_new();
	rc = unit_run("plugin", tests);
	event_base_free(base);
	return rc;
}
