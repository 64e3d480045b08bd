/* SPDX-License-Identifier: BSD-3-Clause */
/* rankferry policy: checks policies, shows what holds and why, and gives one to a running job. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <jansson.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ask.h"
#include "command.h"
#include "jobs.h"
#include "placement.h"
#include "plugin_spec.h"
#include "policies.h"
#include "policy/explain.h"
#include "policy/keys.h"
#include "policy/node.h"
#include "policy/read.h"
#include "policy/schema.h"
#include "say.h"
#include "sheet.h"
#include "util/fd.h"
#include "util/nearest.h"
#include "verdict.h"
#include "wire/message.h"

#define BAD	  1
#define ANSWER_MS 10000

struct policy {
	struct rf_policies_options options;
	const char *job; /* --job: what holds there */
	bool json;
	char **files;
	int count;
};

/* 0 if all that was printed has gone out. */
static int done(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	rf_say("can not print: %s", strerror(errno));
	return RF_EXIT_OWN;
}

/* ---- check ---- */

struct names {
	const char *kind;
	const char *name[RF_KEY_PLACES + 1]; /* NULL at the end */
	unsigned count;
};

static void on_plugin(const char *path, const char *kind, const char *name, void *data)
{
	struct names *names = data;

	(void)path;
	if (strcmp(kind, names->kind) == 0 && names->count < RF_KEY_PLACES)
		names->name[names->count++] = strdup(name);
}

/* Is there such a plugin here? */
static void check_plugin(const struct rf_policy *policy, enum rf_policy_key key, const char *kind,
			 const char *name, struct rf_policy_faults *faults)
{
	const struct rf_policy_origin *at = &policy->origin[key];
	struct names names = {.kind = kind};
	char path[PATH_MAX];
	const char *near;

	if (rf_plugin_find(kind, name, path, NULL) == 0)
		return;
	rf_plugin_each(on_plugin, &names);
	near = rf_nearest(name, names.name);
	rf_policy_fault(faults, at->file, at->line, at->column,
			"%s: there is no plugin '%.64s'%s%s%s", rf_keys[key].name, name,
			near ? "; did you mean '" : "", near ? near : "",
			near ? "'?" : ": see `rankferry plugins'");
	while (names.count > 0)
		free((char *)names.name[--names.count]);
}

static void check_plugins(const struct rf_policy *p, struct rf_policy_faults *faults)
{
	unsigned i;

	if (strcmp(p->placement, RF_PLACEMENT_BUILT_IN) != 0)
		check_plugin(p, RF_POLICY_PLACEMENT, "placement", p->placement, faults);
	for (i = 0; i < p->notifies; i++)
		check_plugin(p, RF_POLICY_NOTIFY, "notify", p->notify[i].plugin.use, faults);
	for (i = 0; i < p->monitors; i++)
		check_plugin(p, RF_POLICY_MONITORS, "monitor", p->monitor[i].plugin.use, faults);
}

/* A file by itself, over what is built in. Its faults are the result, and go to stdout. */
static int check_file(const char *file)
{
	struct rf_policy_faults faults = {0};
	const struct rf_policy_sources sources = {.job = file};
	struct rf_policy *policy = rf_policy_load(&sources, &faults);
	unsigned i, count;

	if (policy)
		check_plugins(policy, &faults);
	count = faults.count;
	for (i = 0; i < faults.count && i < RF_POLICY_FAULTS; i++)
		puts(faults.line[i] ? faults.line[i] : file);
	if (faults.count > RF_POLICY_FAULTS)
		printf("%s: and %u more\n", file, faults.count - RF_POLICY_FAULTS);
	rf_policy_faults_clear(&faults);
	rf_policy_destroy(policy);
	return policy && count == 0 ? 0 : BAD;
}

static int check(struct policy *p)
{
	int i, status = 0;

	if (p->count == 0)
		return rf_usage_error("policy", "check: no file given");
	for (i = 0; i < p->count; i++)
		status |= check_file(p->files[i]);
	return done(status);
}

/* ---- show, explain ---- */

static bool on_value(const json_t *message, void *data)
{
	json_t *rows = data, *row;

	if (strcmp(rf_message_kind(message), "value") != 0)
		return true;
	row = json_copy((json_t *)(uintptr_t)message); /* json_copy() only reads */
	json_object_del(row, "kind");
	json_array_append_new(rows, row);
	return false;
}

/* What holds in a running job. */
static json_t *ask_rows(const char *job)
{
	struct rf_job_entry entry;
	struct rf_error err;
	json_t *rows = json_array();
	int fd = rf_jobs_connect(job, &entry, &err);

	if (fd >= 0 && rf_ask(fd, ANSWER_MS, rf_message_create(&err, "policy", NULL), on_value,
			      rows, &err) == 0)
		return rows;
	rf_say("%s", err.text);
	json_decref(rows);
	return NULL;
}

static int take_file(struct policy *p, const char *verb)
{
	if (p->count > 1)
		return rf_usage_error("policy", "%s: takes one file", verb);
	if (p->count && p->options.file)
		return rf_usage_error("policy", "%s: either --policy FILE or FILE", verb);
	if (p->count)
		p->options.file = p->files[0];
	if (p->job && (p->options.file || p->options.count))
		return rf_usage_error("policy", "%s: either a job or a file", verb);
	return 0;
}

/* "job, ./policy.yaml:3"; of the command line there are no lines */
static void add_from(json_t *rows)
{
	const char *layer, *file;
	json_t *row, *from;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		layer = json_string_value(json_object_get(row, "layer"));
		file = json_string_value(json_object_get(row, "file"));
		if (file && layer && strcmp(layer, "command line") != 0)
			from = json_sprintf("%s, %s:%d", layer, file,
					    (int)json_integer_value(json_object_get(row, "line")));
		else
			from = json_string(layer);
		json_object_set_new(row, "from", from);
	}
}

static int show(struct policy *p)
{
	static const struct rf_column columns[] = {{"key", NULL, RF_CELL_TEXT},
						   {"value", NULL, RF_CELL_TEXT},
						   {"from", NULL, RF_CELL_TEXT},
						   {NULL, NULL, RF_CELL_TEXT}};
	struct rf_policies *policies = NULL;
	int rc = take_file(p, "show");
	json_t *rows = NULL;

	if (rc)
		return rc;
	if (p->job)
		rows = ask_rows(p->job);
	else if ((policies = rf_policies_load(&p->options)))
		rows = rf_policies_list(rf_policies_now(policies));
	rf_policies_destroy(policies);
	if (!rows)
		return RF_EXIT_OWN;
	if (p->json) {
		json_dumpf(rows, stdout, JSON_INDENT(2));
		putchar('\n');
	} else {
		add_from(rows);
		if (rf_sheet_print(NULL, rows, columns) < 0)
			rc = RF_EXIT_OWN;
	}
	json_decref(rows);
	return done(rc);
}

/* The same policy again from its values. */
static struct rf_policy *from_rows(json_t *rows)
{
	struct rf_policy *policy = rf_policy_create(NULL);
	struct rf_policy_faults faults = {0};
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		char *assignment;

		if (!policy ||
		    asprintf(&assignment, "%s=%s", json_string_value(json_object_get(row, "key")),
			     json_string_value(json_object_get(row, "value"))) < 0)
			break;
		rf_policy_say(policy,
			      &(struct rf_policy_said){.option = "set", .value = assignment},
			      &faults);
		free(assignment);
	}
	if (policy && faults.count) {
		rf_say("the job has another version of Rankferry: %s",
		       faults.line[0] ? faults.line[0] : "");
		rf_policy_destroy(policy);
		policy = NULL;
	}
	rf_policy_faults_clear(&faults);
	return policy;
}

static int explain(struct policy *p)
{
	struct rf_policies *policies = NULL;
	struct rf_policy *asked = NULL;
	const struct rf_policy *policy;
	int rc = take_file(p, "explain");
	json_t *rows;
	char *text;

	if (rc)
		return rc;
	if (p->job) {
		rows = ask_rows(p->job);
		policy = asked = rows ? from_rows(rows) : NULL;
		json_decref(rows);
	} else {
		policies = rf_policies_load(&p->options);
		policy = policies ? rf_policies_now(policies) : NULL;
	}
	text = policy ? rf_policy_explain(policy) : NULL;
	if (text)
		fputs(text, stdout);
	else
		rc = RF_EXIT_OWN;
	free(text);
	rf_policies_destroy(policies);
	rf_policy_destroy(asked);
	return done(rc);
}

/* ---- apply ---- */

static char *read_text(const char *file, struct rf_error *err)
{
	RF_FD_AUTO int fd = -1;
	struct rf_policy_faults faults = {0};
	const struct rf_policy_sources sources = {.job = file};
	struct rf_policy *policy = rf_policy_load(&sources, &faults);
	size_t size;

	if (!policy) {
		rf_error_set(err, EINVAL, "%s", faults.line[0] ? faults.line[0] : file);
		rf_policy_faults_clear(&faults);
		return NULL;
	}
	rf_policy_destroy(policy);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		rf_error_errno(err, "%s", file);
		return NULL;
	}
	return rf_fd_read(fd, RF_NODE_BYTES, &size, file, err);
}

static bool on_applied(const json_t *message, void *data)
{
	json_t **keys = data;

	*keys = json_incref(json_object_get(message, "keys"));
	return true;
}

static void show_changes(const char *job, const json_t *keys)
{
	json_t *name;
	size_t i;

	if (json_array_size(keys) == 0) {
		printf("%s: nothing has changed\n", job);
		return;
	}
	printf("%s: ", job);
	json_array_foreach(keys, i, name) printf("%s%s", i ? ", " : "", json_string_value(name));
	puts(json_array_size(keys) == 1 ? " has changed" : " have changed");
}

static int apply(struct policy *p)
{
	const char *job = p->count == 2 ? p->files[0] : p->job;
	struct rf_job_entry entry;
	struct rf_error err = {0};
	json_t *keys = NULL;
	char *file, *text = NULL;
	int fd;

	if (p->count < 1 || p->count > 2 || (p->count == 2 && p->job))
		return rf_usage_error("policy", "apply: takes a job and a file");
	file = rf_job_absolute(p->files[p->count - 1]);
	text = file ? read_text(p->files[p->count - 1], &err) : NULL;
	fd = text ? rf_jobs_connect(job, &entry, &err) : -1;
	if (fd >= 0 &&
	    rf_ask(fd, ANSWER_MS,
		   rf_message_create(&err, "policy", "{s:s, s:s}", "file", file, "text", text),
		   on_applied, &keys, &err) == 0)
		show_changes(entry.name, keys);
	else
		rf_say("the policy is not applied: %s", err.text);
	free(file);
	free(text);
	if (!keys)
		return RF_EXIT_OWN;
	json_decref(keys);
	return done(0);
}

/* ---- schema ---- */

static int schema(struct policy *p)
{
	json_t *all = rf_policy_schema();

	if (p->count)
		return rf_usage_error("policy", "schema: takes no file");
	json_dumpf(all, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(all);
	return done(0);
}

static int parse(struct policy *p, int argc, char **argv)
{
	static const struct option options[] = {RF_POLICIES_LONG_OPTIONS,
						{"job", required_argument, NULL, 'j'},
						{"json", no_argument, NULL, 'J'},
						{"help", no_argument, NULL, 'h'},
						{0}};
	int o, at = 0;

	opterr = 0;
	while ((o = getopt_long(argc, argv, ":h", options, &at)) != -1) {
		switch (o) {
		case 'j':
			p->job = optarg;
			break;
		case 'J':
			p->json = true;
			break;
		case 'h':
			return rf_help_main(2, (char *[]){"help", "policy", NULL}) ? RF_EXIT_OWN
										   : -1;
		case ':':
			return rf_usage_error("policy", "%s needs a value", argv[optind - 1]);
		default:
			if (rf_policies_option(&p->options, &options[at], o, optarg) == 0)
				break;
			return rf_usage_error("policy", "unknown option %s", argv[optind - 1]);
		}
	}
	p->files = argv + optind;
	p->count = argc - optind;
	return 0;
}

int rf_policy_main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*main)(struct policy *);
		bool chooses; /* has --policy, --set */
		bool json;
		bool job;
	} verbs[] = {
		{"check", check, false, false, false},	 {"show", show, true, true, true},
		{"explain", explain, true, false, true}, {"apply", apply, false, false, true},
		{"schema", schema, false, false, false},
	};
	struct policy p = {0};
	const char *name;
	size_t i;
	int rc = parse(&p, argc, argv);

	if (rc)
		return rc < 0 ? 0 : rc;
	if (!p.count)
		return rf_usage_error("policy", "say check, show, explain, apply or schema");
	name = *p.files++;
	p.count--;
	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].name, name) != 0)
			continue;
		if ((p.options.file || p.options.count) && !verbs[i].chooses)
			return rf_usage_error("policy", "%s: takes no --policy and no --set", name);
		if (p.json && !verbs[i].json)
			return rf_usage_error("policy", "%s: takes no --json", name);
		if (p.job && !verbs[i].job)
			return rf_usage_error("policy", "%s: takes no --job", name);
		return verbs[i].main(&p);
	}
	return rf_usage_error("policy", "'%s' is none of check, show, explain, apply, schema",
			      name);
}
