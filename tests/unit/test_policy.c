/* SPDX-License-Identifier: BSD-3-Clause */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/keys.h"
#include "policy/read.h"
#include "policy/value.h"

static void test_null(void)
{
	rf_policy_destroy(NULL);
}

static void test_built_in(void)
{
	struct rf_policy *policy = rf_policy_create(NULL);
	unsigned i;

	CU_ASSERT_PTR_NOT_NULL_FATAL(policy);
	CU_ASSERT_EQUAL(policy->snapshot.every_ms, RF_POLICY_NEVER);
	CU_ASSERT_EQUAL(policy->snapshot.store, 1 << RF_POLICY_GLOBAL);
	CU_ASSERT_STRING_EQUAL(policy->snapshot.compress, "none");
	CU_ASSERT_EQUAL(policy->evacuate.on, 0);
	CU_ASSERT_EQUAL(policy->recover.on, 0);
	CU_ASSERT_EQUAL(policy->recover.oversubscribe, false);
	CU_ASSERT_EQUAL(policy->snapshot.save_files, false);
	CU_ASSERT_EQUAL(policy->snapshot.before_end_ms, RF_POLICY_NEVER);
	CU_ASSERT_EQUAL(policy->balance.on, 0);
	CU_ASSERT_EQUAL(rf_hostlist_count(policy->hosts.spares), 0);
	CU_ASSERT_EQUAL(rf_hostlist_count(policy->hosts.avoid), 0);
	CU_ASSERT_EQUAL(policy->notifies, 0);
	CU_ASSERT_EQUAL(policy->monitors, 0);
	for (i = 0; i < RF_POLICY_KEYS; i++) {
		CU_ASSERT_EQUAL(policy->origin[i].layer, RF_POLICY_BUILT_IN);
		CU_ASSERT_PTR_NULL(policy->origin[i].file);
	}
	rf_policy_destroy(policy);
}

/* Reads a text as a job's file "p.yaml"; NULL, and the faults, if it is refused. */
static struct rf_policy *read_text(const char *text, struct rf_policy_faults *faults)
{
	struct rf_policy *policy = rf_policy_create(NULL);

	memset(faults, 0, sizeof(*faults));
	CU_ASSERT_PTR_NOT_NULL_FATAL(policy);
	if (rf_policy_read(policy, RF_POLICY_JOB, "p.yaml", text, strlen(text), faults) == 0)
		return policy;
	CU_ASSERT_TRUE(faults->count > 0);
	rf_policy_destroy(policy);
	return NULL;
}

static void expect_fault(const char *text, const char *line)
{
	struct rf_policy_faults faults;
	struct rf_policy *policy = read_text(text, &faults);

	CU_ASSERT_PTR_NULL(policy);
	CU_ASSERT_EQUAL(faults.count, 1);
	if (faults.count == 0 || strcmp(faults.line[0], line) != 0) {
		CU_FAIL("wrong fault");
		printf("# %s\n# says    %s\n# and not %s\n", text,
		       faults.count ? faults.line[0] : "nothing", line);
	}
	rf_policy_destroy(policy);
	rf_policy_faults_clear(&faults);
}

static void test_yaml_faults(void)
{
	static const char *const bad[][2] = {
		{"recover:\n  retries: 3\n  retries: 4\n",
		 "p.yaml:3:3: key 'retries' is given twice, first in line 2"},
		{"recover: {retries: 3}\nhosts: {}\nrecover: {}\n",
		 "p.yaml:3:1: key 'recover' is given twice, first in line 1"},
		{"recover: {retries: 3\n",
		 "p.yaml:2:1: this is not YAML: did not find expected ',' or '}', while parsing a "
		 "flow mapping"},
		{"recover:\n\tretries: 3\n",
		 "p.yaml:2:1: this is not YAML: found character that cannot start any token, while "
		 "scanning for the next token"},
		{"recover: {retries: 3}\n---\nhosts: {}\n",
		 "p.yaml:2:1: a policy is one document; another begins here"},
		{"a: &x [b]\n", "p.yaml:1:4: anchors and tags have no meaning in a policy"},
		{"placement: &x spread\n",
		 "p.yaml:1:12: anchors and tags have no meaning in a policy"},
		{"&x placement: spread\n",
		 "p.yaml:1:1: anchors and tags have no meaning in a policy"},
		{"placement: !!str spread\n",
		 "p.yaml:1:12: anchors and tags have no meaning in a policy"},
		{"hosts:\n  spares: *x\n",
		 "p.yaml:2:11: anchors and aliases have no meaning in a policy"},
		{"<<: *x\n", "p.yaml:1:5: anchors and aliases have no meaning in a policy"},
		{"? [a]\n: b\n", "p.yaml:1:3: a key is a word, not a list, a map or an alias"},
		{"a: [[[[[[[[[b]]]]]]]]]\n",
		 "p.yaml:1:11: there are too many lists and maps in each other"},
		{"placement: \"a\\0b\"\n",
		 "p.yaml:1:12: this text has a control character or a newline in it"},
		{"placement: \"a\\u2028b\"\n",
		 "p.yaml:1:12: this text has a control character or a newline in it"},
		{"placement: |\n  spread\n",
		 "p.yaml:1:12: this text has a control character or a newline in it"},
		{"\"a\\nb\": 1\n", "p.yaml:1:1: this key has a control character in it"},
		{"hosts: {}\nplacement: \xff\xfe\n", "p.yaml:2:12: this byte can not be in a text"},
		{"# \xc3\xa4\x01\n", "p.yaml:1:4: this byte can not be in a text"},
		{"- a\n", "p.yaml:1:1: a policy has keys, as in `recover: {retries: 3}'"},
		{"spread\n", "p.yaml:1:1: a policy has keys, as in `recover: {retries: 3}'"},
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		expect_fault(bad[i][0], bad[i][1]);
}

static void test_unknown_keys(void)
{
	static const char *const bad[][2] = {
		{"recover:\n  retrys: 3\n",
		 "p.yaml:2:3: unknown key 'retrys' in recover; did you mean 'retries'?"},
		{"recover: {retries: 3, dealy: 1s}\n",
		 "p.yaml:1:23: unknown key 'dealy' in recover; did you mean 'delay'?"},
		{"recovr: {retries: 3}\n",
		 "p.yaml:1:1: unknown key 'recovr'; did you mean 'recover'?"},
		{"retries: 3\n",
		 "p.yaml:1:1: unknown key 'retries'; did you mean 'recover.retries'?"},
		{"evacuate: {keep: 3}\n",
		 "p.yaml:1:12: unknown key 'keep' in evacuate; did you mean 'snapshot.keep'?"},
		{"hosts: {colour: blue}\n",
		 "p.yaml:1:9: unknown key 'colour' in hosts; there is: spares, avoid, home"},
		{"notify:\n- {evnt: x}\n",
		 "p.yaml:2:4: unknown key 'evnt' in notify; did you mean 'event'?"},
		{"monitors:\n- use: load\n  file: /x\n",
		 "p.yaml:3:3: unknown key 'file' in monitors; there is: use, every, options"},
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		expect_fault(bad[i][0], bad[i][1]);
}

static void test_values(void)
{
	static const char *const bad[][2] = {
		{"snapshot: {every: 5}\n", "p.yaml:1:19: snapshot.every: duration \"5\": the unit "
					   "is missing: say ms, s, m, h "
					   "or d, as in 90s"},
		{"snapshot: {every: 5 parsecs}\n",
		 "p.yaml:1:19: snapshot.every: duration \"5 parsecs\": there is no unit \" "
		 "parsecs\": say ms, s, m, h or d, as in 90s"},
		{"snapshot: {every: nevr}\n",
		 "p.yaml:1:19: snapshot.every: unknown word 'nevr'; did you mean 'never'?"},
		{"snapshot: {mtbf: never}\n",
		 "p.yaml:1:18: snapshot.mtbf: unknown word 'never'; there is: auto"},
		{"snapshot: {every: 500ms}\n",
		 "p.yaml:1:19: snapshot.every: 500ms is not in 1s to 30d"},
		{"snapshot: {every: }\n", "p.yaml:1:19: snapshot.every has no value"},
		{"snapshot: {every: [1h]}\n",
		 "p.yaml:1:19: snapshot.every is a duration, not a list"},
		{"snapshot: {keep: {}}\n", "p.yaml:1:18: snapshot.keep is a number, not a map"},
		{"snapshot: {keep: 0}\n",
		 "p.yaml:1:18: snapshot.keep: '0' is not a number of 1 to 10000"},
		{"snapshot: {keep: 010}\n",
		 "p.yaml:1:18: snapshot.keep: '010' is not a number of 1 to 10000"},
		{"snapshot: {keep: -3}\n",
		 "p.yaml:1:18: snapshot.keep: '-3' is not a number of 1 to 10000"},
		{"snapshot: {keep: 99999999999999999999}\n",
		 "p.yaml:1:18: snapshot.keep: '99999999999999999999' is not a number of 1 to "
		 "10000"},
		{"snapshot: {overhead: 5}\n",
		 "p.yaml:1:22: snapshot.overhead: percentage \"5\": the unit is missing: say it as "
		 "in 10%"},
		{"snapshot: {overhead: 51%}\n",
		 "p.yaml:1:22: snapshot.overhead: 51% is not in 0.1% to 50%"},
		{"snapshot: {store: []}\n", "p.yaml:1:19: snapshot.store needs a word at least"},
		{"snapshot: {store: [local,\n  globl]}\n",
		 "p.yaml:2:3: snapshot.store: unknown word 'globl'; did you mean 'global'?"},
		{"snapshot: {store: [local, local]}\n",
		 "p.yaml:1:27: snapshot.store: local is there twice"},
		{"snapshot: {store: [local, [global]]}\n",
		 "p.yaml:1:27: snapshot.store is a list of words, and this is a list in it"},
		{"snapshot: {local: ssd}\n",
		 "p.yaml:1:19: snapshot.local: 'ssd' is neither auto nor an absolute path of at "
		 "most 200 letters, digits and ._+@-"},
		{"snapshot: {local: \"/ssd: x\"}\n",
		 "p.yaml:1:19: snapshot.local: '/ssd: x' is neither auto nor an absolute path of "
		 "at most 200 letters, digits and ._+@-"},
		{"snapshot: {compress: gzip}\n",
		 "p.yaml:1:22: snapshot.compress: unknown word 'gzip'; there is: auto, none, lz4, "
		 "zstd"},
		{"snapshot: {compress: \"zstd:23\"}\n", "p.yaml:1:22: snapshot.compress: the level "
							"of 'zstd:23' is not a number of 1 to 22"},
		{"evacuate: {on: [drain, time_left 10]}\n",
		 "p.yaml:1:24: evacuate.on: duration \"10\": the unit is missing: say ms, s, m, h "
		 "or "
		 "d, as in 90s"},
		{"evacuate: {on: drain 10m}\n",
		 "p.yaml:1:16: evacuate.on: nothing can follow 'drain' in 'drain 10m'"},
		{"recover: {skip: last}\n",
		 "p.yaml:1:17: recover.skip: unknown word 'last'; there is: none, last_host, "
		 "failed_hosts"},
		{"recover: {oversubscribe: maybe}\n",
		 "p.yaml:1:26: recover.oversubscribe: 'maybe' is neither yes nor no"},
		{"hosts: {spares: \"node[3-\"}\n", NULL},
		{"hosts: {spares: [a, {}]}\n",
		 "p.yaml:1:21: hosts.spares is a list of hosts, and this is a map"},
		{"placement: ../x\n", "p.yaml:1:12: placement: '../x' is not a plugin's name"},
		{"placement: a/b\n", "p.yaml:1:12: placement: 'a/b' is not a plugin's name"},
		{"recover: on\n", "p.yaml:1:10: recover has keys, as in {on: ...}"},
	};
	struct rf_policy_faults faults;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (bad[i][1])
			expect_fault(bad[i][0], bad[i][1]);
	CU_ASSERT_PTR_NULL(read_text("hosts:\n  spares: \"node[3-\"\n", &faults));
	CU_ASSERT_EQUAL(strncmp(faults.line[0], "p.yaml:2:11: hosts.spares: ", 27), 0);
	rf_policy_faults_clear(&faults);
}

static void test_plugin_faults(void)
{
	static const char *const bad[][2] = {
		{"notify: {event: x}\n",
		 "p.yaml:1:9: notify is a list of maps, as in [{event: ...}]"},
		{"notify: [x]\n", "p.yaml:1:10: notify is a list of maps, as in [{event: ...}]"},
		{"notify: [{exec: /x}]\n", "p.yaml:1:10: this entry of notify has no 'event'"},
		{"notify: [{event: x}]\n",
		 "p.yaml:1:10: this entry of notify has neither 'exec' nor 'use'"},
		{"notify: [{event: x, exec: hook}]\n",
		 "p.yaml:1:27: notify: 'hook' is not an absolute path"},
		{"notify: [{event: x, exec: /x, use: y}]\n",
		 "p.yaml:1:31: notify: 'exec' goes without 'use'"},
		{"notify: [{event: a b, exec: /x}]\n",
		 "p.yaml:1:18: notify: 'a b' is not a pattern of events"},
		{"monitors: [{every: 1m}]\n", "p.yaml:1:12: this entry of monitors has no 'use'"},
		{"monitors: [{use: load, every: 1x}]\n",
		 "p.yaml:1:31: monitors: every: duration \"1x\": there is no unit \"x\": say ms, "
		 "s, "
		 "m, h or d, as in 90s"},
		{"monitors: [{use: load, every: 1ms}]\n",
		 "p.yaml:1:31: monitors: every: 1ms is not in 1s to 1d"},
		{"monitors: [{use: load, options: [a]}]\n",
		 "p.yaml:1:33: monitors: 'options' is a map"},
		{"monitors: [{use: load, options: {a: [b]}}]\n",
		 "p.yaml:1:37: monitors: the option 'a' is a text"},
		{"monitors: [{use: load, options: {a b: c}}]\n",
		 "p.yaml:1:34: monitors: 'a b' is not an option's name"},
		{"monitors: [{use: []}]\n", "p.yaml:1:18: monitors: 'use' is a text"},
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		expect_fault(bad[i][0], bad[i][1]);
}

/* Every thing that is wrong is said at once, in order, up to a limit. */
static void test_all_faults(void)
{
	char many[4096] = "recover:\n";
	struct rf_policy_faults faults;
	unsigned i;

	CU_ASSERT_PTR_NULL(read_text("recover: {retrys: 3, delay: 5}\nplacment: x\n", &faults));
	CU_ASSERT_EQUAL_FATAL(faults.count, 3);
	CU_ASSERT_EQUAL(strncmp(faults.line[0], "p.yaml:1:11: ", 13), 0);
	CU_ASSERT_EQUAL(strncmp(faults.line[1], "p.yaml:1:29: ", 13), 0);
	CU_ASSERT_EQUAL(strncmp(faults.line[2], "p.yaml:2:1: ", 12), 0);
	rf_policy_faults_clear(&faults);
	for (i = 0; i < 100; i++)
		snprintf(many + strlen(many), 20, "  key%u: 1\n", i);
	CU_ASSERT_PTR_NULL(read_text(many, &faults));
	CU_ASSERT_EQUAL(faults.count, 100);
	rf_policy_faults_clear(&faults);
	CU_ASSERT_EQUAL(faults.count, 0);
}

static void test_limits(void)
{
	struct rf_policy_faults faults = {0};
	struct rf_policy *policy = rf_policy_create(NULL);
	char *text = malloc(RF_NODE_BYTES + 1);
	unsigned i;

	memset(text, ' ', RF_NODE_BYTES + 1);
	CU_ASSERT_EQUAL(
		rf_policy_read(policy, RF_POLICY_JOB, "p", text, RF_NODE_BYTES + 1, &faults), -1);
	CU_ASSERT_STRING_EQUAL(faults.line[0], "p: more than 24576 bytes are no policy");
	rf_policy_faults_clear(&faults);
	memset(text, '#', RF_NODE_BYTES);
	CU_ASSERT_EQUAL(rf_policy_read(policy, RF_POLICY_JOB, "p", text, RF_NODE_BYTES, &faults),
			0);
	memset(text, '[', RF_NODE_BYTES);
	CU_ASSERT_EQUAL(rf_policy_read(policy, RF_POLICY_JOB, "p", text, RF_NODE_BYTES, &faults),
			-1);
	CU_ASSERT_STRING_EQUAL(faults.line[0],
			       "p:1:9: there are too many lists and maps in each other");
	rf_policy_faults_clear(&faults);
	strcpy(text, "hosts: {spares: [");
	for (i = 0; i < 5000; i++)
		strcat(text, "a,");
	strcat(text, "a]}");
	CU_ASSERT_EQUAL(rf_policy_read(policy, RF_POLICY_JOB, "p", text, strlen(text), &faults),
			-1);
	CU_ASSERT_PTR_NOT_NULL(strstr(faults.line[0], ": there are too many values"));
	rf_policy_faults_clear(&faults);
	free(text);
	rf_policy_destroy(policy);
}

static const char whole[] =
	"snapshot:\n"
	"  every: auto\n"
	"  mtbf: 12h\n"
	"  overhead: 2.5%\n"
	"  keep: 4\n"
	"  store: [local, partner, global]\n"
	"  local: /local/ssd-1\n"
	"  compress: zstd:3\n"
	"  save_files: yes\n"
	"  before_end: 5m\n"
	"evacuate: {on: [time_left 15m, drain, unhealthy], deadline: 6m, "
	"max_pause: 2s, parallel: 2}\n"
	"recover: {on: [host_lost, rank_failed], retries: 5, delay: 1.5m, detect: 30s, "
	"skip: last_host, oversubscribe: yes}\n"
	"balance: {on: load, every: 60s, gain: 10%, cost_limit: 2%}\n"
	"hosts: {spares: \"node[30-33]\", avoid: [node7, \"x[1-2]\"], home: "
	"return_after_maintenance}\n"
	"placement: pack\n"
	"notify:\n"
	"- {event: \"move.*\", exec: /site/hook}\n"
	"- {event: \"*\", use: log, options: {path: '/a \"b\\'}}\n"
	"monitors:\n"
	"- use: calendar\n"
	"  options: {file: /etc/calendar, ahead: 15m}\n"
	"  every: 1m\n"
	"- {use: load}\n";

static const char *const formatted[RF_POLICY_KEYS] = {
	"auto",
	"12h",
	"2.5%",
	"4",
	"[local, partner, global]",
	"/local/ssd-1",
	"zstd:3",
	"yes",
	"5m",
	"[drain, unhealthy, time_left 15m]",
	"6m",
	"2s",
	"2",
	"[host_lost, rank_failed]",
	"5",
	"90s",
	"30s",
	"last_host",
	"yes",
	"[load]",
	"1m",
	"10%",
	"2%",
	"\"node[30-33]\"",
	"\"node7,x[1-2]\"",
	"return_after_maintenance",
	"pack",
	"[{event: \"move.*\", exec: \"/site/hook\"}, {event: \"*\", use: log, options: {path: "
	"\"/a \\\"b\\\\\"}}]",
	"[{use: calendar, options: {file: \"/etc/calendar\", ahead: \"15m\"}, every: 1m}, {use: "
	"load, every: 10s}]"};

static void test_whole(void)
{
	struct rf_policy_faults faults;
	struct rf_policy *p = read_text(whole, &faults);
	char name[RF_KEY_NAME], *text;
	int i;

	if (!p)
		printf("# %s\n", faults.line[0]);
	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	CU_ASSERT_EQUAL(p->snapshot.every_ms, RF_POLICY_AUTO);
	CU_ASSERT_EQUAL(p->snapshot.mtbf_ms, 12 * 3600000);
	CU_ASSERT_DOUBLE_EQUAL(p->snapshot.overhead, 0.025, 1e-12);
	CU_ASSERT_EQUAL(p->snapshot.store, 7);
	CU_ASSERT_STRING_EQUAL(p->snapshot.local, "/local/ssd-1");
	CU_ASSERT_EQUAL(p->snapshot.save_files, true);
	CU_ASSERT_EQUAL(p->snapshot.before_end_ms, 300000);
	CU_ASSERT_EQUAL(p->evacuate.on, 7);
	CU_ASSERT_EQUAL(p->evacuate.time_left_ms, 900000);
	CU_ASSERT_EQUAL(p->evacuate.max_pause_ms, 2000);
	CU_ASSERT_EQUAL(p->recover.skip, RF_POLICY_SKIP_LAST);
	CU_ASSERT_EQUAL(p->recover.oversubscribe, true);
	CU_ASSERT_EQUAL(rf_hostlist_count(p->hosts.spares), 4);
	CU_ASSERT_EQUAL(rf_hostlist_count(p->hosts.avoid), 3);
	CU_ASSERT_EQUAL_FATAL(p->notifies, 2);
	CU_ASSERT_STRING_EQUAL(p->notify[0].plugin.use, "exec");
	CU_ASSERT_STRING_EQUAL(p->notify[0].plugin.option[0].name, "command");
	CU_ASSERT_STRING_EQUAL(p->notify[0].plugin.option[0].value, "/site/hook");
	CU_ASSERT_EQUAL_FATAL(p->monitors, 2);
	CU_ASSERT_EQUAL(p->monitor[0].plugin.options, 2);
	CU_ASSERT_EQUAL(p->monitor[1].every_ms, 10000);
	for (i = 0; i < RF_POLICY_KEYS; i++) {
		text = rf_value_format(p, (enum rf_policy_key)i);
		rf_key_name((enum rf_policy_key)i, name);
		if (strcmp(text, formatted[i]) != 0) {
			CU_FAIL("wrong text");
			printf("# %s: %s\n", name, text);
		}
		CU_ASSERT_EQUAL(p->origin[i].layer, RF_POLICY_JOB);
		CU_ASSERT_STRING_EQUAL(p->origin[i].file, "p.yaml");
		free(text);
	}
	CU_ASSERT_EQUAL(p->origin[RF_POLICY_SNAPSHOT_MTBF].line, 3);
	CU_ASSERT_EQUAL(p->origin[RF_POLICY_SNAPSHOT_MTBF].column, 9);
	CU_ASSERT_EQUAL(p->origin[RF_POLICY_PLACEMENT].line, 15);
	rf_policy_destroy(p);
}

/* What is built in, and what is formatted, reads back as itself. */
static void test_round(void)
{
	struct rf_policy *one = rf_policy_create(NULL), *two;
	struct rf_policy_faults faults;
	char line[512], *text, *again;
	const struct rf_key *key;
	int i, round;

	for (round = 0; round < 2; round++) {
		for (i = 0; i < RF_POLICY_KEYS; i++) {
			key = &rf_keys[i];
			text = rf_value_format(one, (enum rf_policy_key)i);
			snprintf(line, sizeof(line), key->section ? "%s: {%s: %s}" : "%s%s: %s",
				 key->section ? key->section : "", key->name, text);
			two = read_text(line, &faults);
			if (!two)
				printf("# %s\n", faults.line[0]);
			CU_ASSERT_PTR_NOT_NULL_FATAL(two);
			again = rf_value_format(two, (enum rf_policy_key)i);
			CU_ASSERT_STRING_EQUAL(text, again);
			free(text);
			free(again);
			rf_policy_destroy(two);
		}
		rf_policy_destroy(one);
		one = read_text(whole, &faults);
	}
	rf_policy_destroy(one);
}

static void test_empty(void)
{
	static const char *const texts[] = {"",
					    "# nothing\n",
					    "---\n",
					    "{}",
					    "recover:\n# all\n",
					    "recover: {}\n",
					    "recover: {on: []}\n",
					    "hosts: {spares: []}",
					    "\xef\xbb\xbfplacement: spread"};
	struct rf_policy_faults faults;
	struct rf_policy *policy;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		policy = read_text(texts[i], &faults);
		if (!policy)
			printf("# %s: %s\n", texts[i], faults.line[0]);
		CU_ASSERT_PTR_NOT_NULL(policy);
		rf_policy_destroy(policy);
	}
}

static const struct unit_test tests[] = {
	{"no policy is freed", test_null},
	{"without a file a job does nothing by itself", test_built_in},
	{"what is not YAML, or too much of it, is refused at its place", test_yaml_faults},
	{"unknown keys are refused at their place, with the nearest known one", test_unknown_keys},
	{"wrong values are refused at their place, with the reason", test_values},
	{"wrong entries of notify and monitors are refused at their place", test_plugin_faults},
	{"all that is wrong is said at once", test_all_faults},
	{"long, deep and endless files are refused", test_limits},
	{"every key is read, and knows where it stands", test_whole},
	{"what is formatted reads back as itself", test_round},
	{"a policy may say nothing", test_empty},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("policy", tests);
}
