/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "unit.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/read.h"

/* The path of a file with this text; valid until the fourth call from then on. */
static const char *file(const char *name, const char *text)
{
	static char path[4][PATH_MAX];
	static int next;
	FILE *out;

	next = (next + 1) % 4;
	snprintf(path[next], sizeof(path[next]), "%s/%s", unit_tmpdir(), name);
	out = fopen(path[next], "we");
	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	fputs(text, out);
	fclose(out);
	return path[next];
}

static void expect(const struct rf_policy *policy, enum rf_policy_key key,
		   enum rf_policy_layer layer, const char *name, int line)
{
	const struct rf_policy_origin *origin = &policy->origin[key];

	CU_ASSERT_EQUAL(origin->layer, layer);
	CU_ASSERT_EQUAL(origin->line, line);
	if (name)
		CU_ASSERT_PTR_NOT_NULL_FATAL(origin->file);
	CU_ASSERT_TRUE(name ? strstr(origin->file, name) != NULL : origin->file == NULL);
}

static void test_layers(void)
{
	static const struct rf_policy_said said[] = {{"set", NULL, "evacuate.max_pause=6s"}, {0}};
	struct rf_policy_faults faults = {0};
	struct rf_policy_sources s = {
		.site = file("site", "evacuate: {deadline: 1m, max_pause: 1s}\n"
				     "snapshot: {compress: lz4}\n"),
		.user = file("user", "evacuate: {deadline: 2m,\n max_pause: 2s}\n"),
		.job = file("job", "\n\nevacuate:\n  max_pause: 3s\n"),
		.environment = "evacuate: {max_pause: 4s}",
		.said = said,
	};
	struct rf_policy *p = rf_policy_load(&s, &faults);

	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	CU_ASSERT_EQUAL(p->evacuate.max_pause_ms, 6000);
	CU_ASSERT_EQUAL(p->evacuate.deadline_ms, 120000);
	CU_ASSERT_STRING_EQUAL(p->snapshot.compress, "lz4");
	expect(p, RF_POLICY_EVACUATE_MAX_PAUSE, RF_POLICY_COMMAND_LINE, "--set", 0);
	expect(p, RF_POLICY_EVACUATE_DEADLINE, RF_POLICY_USER, "/user", 1);
	expect(p, RF_POLICY_SNAPSHOT_COMPRESS, RF_POLICY_SITE, "/site", 2);
	expect(p, RF_POLICY_RECOVER_RETRIES, RF_POLICY_BUILT_IN, NULL, 0);
	rf_policy_destroy(p);

	s.said = NULL;
	p = rf_policy_load(&s, &faults);
	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	expect(p, RF_POLICY_EVACUATE_MAX_PAUSE, RF_POLICY_ENVIRONMENT, "RANKFERRY_POLICY", 1);
	rf_policy_destroy(p);

	s.environment = "";
	p = rf_policy_load(&s, &faults);
	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	CU_ASSERT_EQUAL(p->evacuate.max_pause_ms, 3000);
	expect(p, RF_POLICY_EVACUATE_MAX_PAUSE, RF_POLICY_JOB, "/job", 4);
	rf_policy_destroy(p);

	s.job_text = "evacuate: {max_pause: 7s}";
	p = rf_policy_load(&s, &faults);
	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	CU_ASSERT_EQUAL(p->evacuate.max_pause_ms, 7000);
	rf_policy_destroy(p);

	s.job = s.job_text = NULL;
	s.environment = file("environment", "evacuate: {max_pause: 8s}");
	p = rf_policy_load(&s, &faults);
	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	expect(p, RF_POLICY_EVACUATE_MAX_PAUSE, RF_POLICY_ENVIRONMENT, "/environment", 1);
	rf_policy_destroy(p);
	CU_ASSERT_EQUAL(faults.count, 0);
}

/* One line and no policy; `line` is how it ends. */
static void refused(const struct rf_policy_sources *sources, const char *line)
{
	struct rf_policy_faults faults = {0};
	size_t n;

	CU_ASSERT_PTR_NULL(rf_policy_load(sources, &faults));
	CU_ASSERT_EQUAL_FATAL(faults.count, 1);
	n = strlen(faults.line[0]);
	if (n < strlen(line) || strcmp(faults.line[0] + n - strlen(line), line) != 0) {
		CU_FAIL("wrong fault");
		printf("# %s\n", faults.line[0]);
	}
	rf_policy_faults_clear(&faults);
}

static void refuse_set(const char *assignment, const char *line)
{
	const struct rf_policy_said said[] = {{"set", NULL, assignment}, {0}};

	refused(&(struct rf_policy_sources){.said = said}, line);
}

static void test_files(void)
{
	char missing[PATH_MAX], fifo[PATH_MAX];
	struct rf_policy_sources s = {.site = missing, .user = missing};
	struct rf_policy_faults faults = {0};
	struct rf_policy *policy;

	snprintf(missing, sizeof(missing), "%s/missing", unit_tmpdir());
	snprintf(fifo, sizeof(fifo), "%s/fifo", unit_tmpdir());
	CU_ASSERT_EQUAL(mkfifo(fifo, 0600), 0);
	policy = rf_policy_load(&s, &faults);
	CU_ASSERT_PTR_NOT_NULL(policy);
	rf_policy_destroy(policy);
	s.job = missing;
	refused(&s, "/missing: No such file or directory");
	refused(&(struct rf_policy_sources){.job = unit_tmpdir()}, ": not a file");
	refused(&(struct rf_policy_sources){.site = fifo}, "/fifo: not a file");
	refused(&(struct rf_policy_sources){.site = "/dev/zero"}, "/dev/zero: not a file");
	refused(&(struct rf_policy_sources){.environment = missing},
		"/missing: No such file or directory");
	refused(&(struct rf_policy_sources){.environment = "yes"},
		"RANKFERRY_POLICY:1:1: a policy has keys, as in `recover: {retries: 3}'");
	refused(&(struct rf_policy_sources){.user = file("user", "a: 1")},
		"/user:1:1: unknown key 'a'; there is: placement, notify, monitors, snapshot, "
		"evacuate, recover, balance, hosts");
}

static void test_set(void)
{
	refuse_set("retries", "--set: 'retries' is not KEY=VALUE, as in recover.retries=5");
	refuse_set("", "--set: '' is not KEY=VALUE, as in recover.retries=5");
	refuse_set("retries=5", "--set: unknown key 'retries'; did you mean 'recover.retries'?");
	refuse_set("recovr.retries=5",
		   "--set: there is no key 'recovr.retries'; did you mean 'recover'?");
	refuse_set("recover.retrys=5", "--set: unknown key 'retrys' in recover; did you mean "
				       "'retries'?");
	refuse_set("recover.retries=x", "--set: recover.retries: 'x' is not a number of 0 to 1000");
	refuse_set("recover.retries=", "--set: recover.retries has no value");
	refuse_set("evacuate.on=[drain",
		   "--set:2:1: this is not YAML: did not find expected ',' or ']', "
		   "while parsing a flow sequence");
}

/* Options that stand for keys: no YAML is in their values. */
static void test_options(void)
{
	struct rf_policy_said said[] = {{"recover", "recover.retries", "2"},
					{"recover-oversubscribe", "recover.oversubscribe", "yes"},
					{"spares", "hosts.spares", "node[1-2],x"},
					{0},
					{0}};
	const struct rf_policy_sources s = {
		.said = said, .job = "p", .job_text = "recover: {delay: 7s}"};
	struct rf_policy_faults faults = {0};
	struct rf_policy *p = rf_policy_create(NULL);
	size_t i;

	for (i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(rf_policy_say(p, &said[i], &faults), 0);
	CU_ASSERT_EQUAL(rf_hostlist_count(p->hosts.spares), 3);
	CU_ASSERT_EQUAL(p->recover.oversubscribe, true);
	rf_policy_destroy(p);
	said[2] = said[3];
	p = rf_policy_load(&s, &faults);
	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	CU_ASSERT_EQUAL(p->recover.retries, 2);
	CU_ASSERT_EQUAL(p->recover.delay_ms, 7000);
	CU_ASSERT_EQUAL(p->recover.on, 1 << RF_POLICY_HOST_LOST | 1 << RF_POLICY_RANK_FAILED);
	CU_ASSERT_EQUAL(p->snapshot.every_ms, RF_POLICY_AUTO);
	rf_policy_destroy(p);
	said[1] = (struct rf_policy_said){"recover-on", "recover.on", "rank_exit,host_lost"};
	said[2] = (struct rf_policy_said){"every", "snapshot.every", "never"};
	p = rf_policy_load(&s, &faults);
	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	CU_ASSERT_EQUAL(p->recover.on, 1 << RF_POLICY_HOST_LOST | 1 << RF_POLICY_RANK_EXIT);
	CU_ASSERT_EQUAL(p->snapshot.every_ms, RF_POLICY_NEVER);
	rf_policy_destroy(p);
	said[0].value = "0";
	said[1] = said[2] = said[3];
	p = rf_policy_load(&s, &faults);
	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	CU_ASSERT_EQUAL(p->recover.on, 0);
	CU_ASSERT_EQUAL(p->snapshot.every_ms, RF_POLICY_NEVER);
	rf_policy_destroy(p);
	CU_ASSERT_EQUAL(faults.count, 0);
	said[0].value = "x";
	refused(&s, "--recover: recover.retries: 'x' is not a number of 0 to 1000");
	said[0] = (struct rf_policy_said){"recover-on", "recover.on", "host_lost,rank_exti"};
	refused(&s,
		"--recover-on: recover.on: unknown word 'rank_exti'; did you mean 'rank_exit'?");
	said[0] = (struct rf_policy_said){"detect", "recover.detect", "1s"};
	refused(&s, "--detect: recover.detect: 1s is not in 5s to 10m");
}

static void test_whole(void)
{
	refused(&(struct rf_policy_sources){.job = "p",
					    .job_text =
						    "evacuate: {max_pause: 2m,\n deadline: 1m}"},
		"p:1:23: evacuate.max_pause is longer than evacuate.deadline");
	refused(&(struct rf_policy_sources){.job = "p", .job_text = "evacuate: {deadline: 30s}"},
		"p:1:22: evacuate.deadline is shorter than evacuate.max_pause");
}

/* Read as one that understands all of it, so that this holds whatever the version acts on. */
static struct rf_policy *read_text(const char *text)
{
	struct rf_policy *policy = rf_policy_create(NULL);
	struct rf_policy_faults faults = {0};

	CU_ASSERT_PTR_NOT_NULL_FATAL(policy);
	CU_ASSERT_EQUAL(rf_policy_read(policy, RF_POLICY_JOB, "p", text, strlen(text), &faults), 0);
	return policy;
}

static void test_hosts(void)
{
	struct rf_policy *p =
		read_text("hosts: {avoid: \"n[1-4]\",\n spares: [\"n[4-5]\", \"n3\"]}");
	struct rf_policy_faults faults = {0};

	CU_ASSERT_EQUAL(rf_policy_check(p, &faults), -1);
	CU_ASSERT_EQUAL_FATAL(faults.count, 1);
	CU_ASSERT_STRING_EQUAL(faults.line[0], "p:2:10: hosts.spares: n4 is in hosts.avoid, too");
	rf_policy_faults_clear(&faults);
	rf_policy_destroy(p);
}

static void test_acts(void)
{
	struct rf_policy *p = read_text("snapshot:\n  store: [partner, global]\n");
	struct rf_policy_faults faults = {0};

	CU_ASSERT_EQUAL(rf_policy_check_acts(p, &faults), -1);
	CU_ASSERT_EQUAL_FATAL(faults.count, 1);
	CU_ASSERT_STRING_EQUAL(faults.line[0], "p:2:10: snapshot.store: partner is not acted on by "
					       "this version of Rankferry");
	rf_policy_faults_clear(&faults);
	rf_policy_destroy(p);
	p = read_text(
		"snapshot: {every: never, store: global, compress: none}\n"
		"evacuate: {on: []}\nrecover: {on: [], oversubscribe: no}\nbalance: {on: []}\n"
		"hosts: {spares: [], home: stay}\nnotify: []\nmonitors: []\n");
	CU_ASSERT_EQUAL(rf_policy_check_acts(p, &faults), 0);
	rf_policy_destroy(p);
}

/* What is written down of a policy gives the same when it is read. */
static void test_format(void)
{
	struct rf_policy *p = read_text(
		"recover: {on: [rank_failed, host_lost], retries: 7, delay: 90s}\n"
		"hosts: {spares: \"a[1-3],b\"}\nsnapshot: {compress: zstd:3, every: auto}\n"
		"evacuate: {on: [drain, time_left 5m]}\nplacement: pack\n"
		"notify: [{event: \"move.*\", exec: \"/a \\\"b\\\"\"}]\n"
		"monitors: [{use: state, every: 5s, options: {file: /x}}]\n");
	struct rf_policy *again;
	char *text = rf_policy_format(p, RF_POLICY_JOB), *more;

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	again = read_text(text);
	more = rf_policy_format(again, RF_POLICY_JOB);
	CU_ASSERT_STRING_EQUAL(more, text);
	CU_ASSERT_STRING_EQUAL(again->notify[0].plugin.option[0].value, "/a \"b\"");
	CU_ASSERT_EQUAL(again->recover.retries, 7);
	CU_ASSERT(strstr(text, "max_pause") == NULL); /* built in */
	free(more);
	more = rf_policy_format(again, RF_POLICY_COMMAND_LINE);
	CU_ASSERT_STRING_EQUAL(more, "");
	free(more);
	free(text);
	rf_policy_destroy(p);
	rf_policy_destroy(again);
}

static void test_change(void)
{
	struct rf_policy *one = read_text("evacuate: {max_pause: 2s}"),
			 *other = read_text("evacuate: {max_pause: 3s}"),
			 *fixed = read_text("\n snapshot: {store: [local]}"),
			 *recovers = read_text("recover: {on: host_lost, retries: 2}"),
			 *more = read_text("recover: {on: rank_exit, retries: 5, delay: 1s}\n"
					   "hosts: {spares: a, avoid: b}");
	struct rf_policy_faults faults = {0};

	CU_ASSERT_EQUAL(rf_policy_check_change(one, other, &faults), 0);
	CU_ASSERT_EQUAL(rf_policy_check_change(one, fixed, &faults), -1);
	CU_ASSERT_EQUAL(rf_policy_check_change(fixed, one, &faults), -1);
	CU_ASSERT_EQUAL_FATAL(faults.count, 2);
	CU_ASSERT_STRING_EQUAL(faults.line[0],
			       "p:2:20: snapshot.store can not change while the job runs");
	CU_ASSERT_STRING_EQUAL(faults.line[1], faults.line[0]);
	rf_policy_faults_clear(&faults);
	CU_ASSERT_EQUAL(rf_policy_check_change(recovers, more, &faults), 0);
	CU_ASSERT_EQUAL(rf_policy_check_change(recovers, one, &faults), 0);
	CU_ASSERT_EQUAL(rf_policy_check_change(one, recovers, &faults), -1);
	CU_ASSERT_EQUAL_FATAL(faults.count, 1);
	CU_ASSERT_STRING_EQUAL(faults.line[0],
			       "p:1:15: recover.on: a job that has begun without recovery can not "
			       "get it while it runs");
	rf_policy_faults_clear(&faults);
	rf_policy_destroy(one);
	rf_policy_destroy(other);
	rf_policy_destroy(fixed);
	rf_policy_destroy(recovers);
	rf_policy_destroy(more);
}

static const struct unit_test tests[] = {
	{"a value is that of the strongest layer that names it, and says which", test_layers},
	{"files that are not there, or no files, are said", test_files},
	{"what is wrong with a --set is said", test_set},
	{"options of a command line are keys of its policy", test_options},
	{"what does not fit together is refused", test_whole},
	{"no host is a spare and to be avoided", test_hosts},
	{"what is not acted on is refused, and asking for nothing is not", test_acts},
	{"what is written down of a policy gives the same when it is read", test_format},
	{"what can not change while a job runs is refused by name", test_change},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("policy_layers", tests);
}
