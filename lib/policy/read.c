/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "policy/read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "policy/value.h"
#include "util/fd.h"
#include "util/nearest.h"

/* ---- one text ---- */

/* The keys of a section, or of none: with those, the sections. */
static void collect_names(const char *section, const char *names[RF_POLICY_KEYS + 8])
{
	const char *const *other;
	int i, n = 0;

	for (i = 0; i < RF_POLICY_KEYS; i++)
		if (section ? rf_keys[i].section && strcmp(rf_keys[i].section, section) == 0
			    : !rf_keys[i].section)
			names[n++] = rf_keys[i].name;
	for (other = rf_key_sections; !section && *other; other++)
		names[n++] = *other;
	names[n] = NULL;
}

/* "; did you mean 'X'?": of the same section, or a key of another one. */
static void hint_key(const char *section, const char *name, char hint[RF_VALUE_HINT])
{
	const char *names[RF_POLICY_KEYS + 8];
	char full[RF_KEY_NAME];
	int i;

	collect_names(section, names);
	for (i = 0; i < RF_POLICY_KEYS && !rf_nearest(name, names); i++) {
		if (strcmp(rf_keys[i].name, name) != 0)
			continue;
		rf_key_name((enum rf_policy_key)i, full);
		snprintf(hint, RF_VALUE_HINT, "; did you mean '%s'?", full);
		return;
	}
	rf_value_hint(name, names, "; there is: ", hint);
}

static int unknown(struct rf_reading *reading, const char *section, const struct rf_node *node)
{
	char hint[RF_VALUE_HINT];

	hint_key(section, node->name, hint);
	return rf_policy_fault(reading->faults, reading->file, node->name_line, node->name_column,
			       "unknown key '%.64s'%s%s%s", node->name, section ? " in " : "",
			       section ? section : "", hint);
}

static int set_origin(struct rf_reading *reading, enum rf_policy_key key,
		      enum rf_policy_layer layer, const struct rf_node *node)
{
	struct rf_policy_origin *origin = &reading->policy->origin[key];
	char *file = strdup(reading->file);

	if (!file)
		return rf_value_fault(reading, node, "no memory to keep it");
	free(origin->file);
	*origin = (struct rf_policy_origin){layer, file, node->line, node->column};
	return 0;
}

static int read_key(struct rf_reading *reading, enum rf_policy_layer layer, const char *section,
		    const struct rf_node *node)
{
	enum rf_policy_key key = rf_key_find(section, node->name);

	if (key == RF_POLICY_KEYS)
		return unknown(reading, section, node);
	if (rf_value_read(reading, &rf_keys[key], node) < 0)
		return -1;
	return set_origin(reading, key, layer, node);
}

static bool is_section(const char *name)
{
	const char *const *section;

	for (section = rf_key_sections; *section; section++)
		if (strcmp(*section, name) == 0)
			return true;
	return false;
}

static int read_section(struct rf_reading *reading, enum rf_policy_layer layer,
			const struct rf_node *section)
{
	const struct rf_node *node;
	int rc = 0;

	if (section->kind == RF_NODE_TEXT && section->empty)
		return 0; /* all of its keys are comments */
	if (section->kind != RF_NODE_MAP)
		return rf_value_fault(reading, section, "%s has keys, as in {%s: ...}",
				      section->name,
				      strcmp(section->name, "hosts") == 0 ? "spares" : "on");
	for (node = section->first; node; node = node->next)
		rc |= read_key(reading, layer, section->name, node);
	return rc;
}

static int read_tree(struct rf_reading *reading, enum rf_policy_layer layer,
		     const struct rf_node *root)
{
	const struct rf_node *node;
	int rc = 0;

	if (root->kind == RF_NODE_TEXT && root->empty)
		return 0;
	if (root->kind != RF_NODE_MAP)
		return rf_value_fault(reading, root,
				      "a policy has keys, as in `recover: {retries: 3}'");
	for (node = root->first; node; node = node->next)
		rc |= is_section(node->name) ? read_section(reading, layer, node)
					     : read_key(reading, layer, NULL, node);
	return rc;
}

int rf_policy_read(struct rf_policy *policy, enum rf_policy_layer layer, const char *file,
		   const char *text, size_t size, struct rf_policy_faults *faults)
{
	struct rf_reading reading = {policy, file, faults};
	struct rf_node *root = rf_node_parse(text, size, file, faults);
	int rc = root ? read_tree(&reading, layer, root) : -1;

	rf_node_destroy(root);
	return rc;
}

int rf_policy_read_file(struct rf_policy *policy, enum rf_policy_layer layer, const char *file,
			bool may_be_absent, struct rf_policy_faults *faults)
{
	/* O_NONBLOCK: a FIFO that nobody writes to must not hold the job up */
	RF_FD_AUTO int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct rf_error err;
	struct stat st;
	char *text;
	size_t size;
	int rc;

	if (fd < 0 && may_be_absent && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0 || fstat(fd, &st) < 0)
		return rf_policy_fault(faults, file, 0, 0, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return rf_policy_fault(faults, file, 0, 0, "not a file");
	text = rf_fd_read(fd, RF_NODE_BYTES, &size, file, &err);
	if (!text && st.st_size > RF_NODE_BYTES)
		return rf_policy_fault(faults, file, 0, 0, "more than %d bytes are no policy",
				       RF_NODE_BYTES);
	if (!text)
		return rf_policy_fault(faults, file, 0, 0, "can not be read");
	rc = rf_policy_read(policy, layer, file, text, size, faults);
	free(text);
	return rc;
}

/* ---- a command line ---- */

/* A value by itself: it has no place in a file. */
static void unplace(struct rf_node *node)
{
	struct rf_node *child;

	node->line = node->column = node->name_line = node->name_column = 0;
	for (child = node->first; child; child = child->next)
		unplace(child);
}

static int say_value(struct rf_policy *policy, const char *option, const char *name,
		     struct rf_node *node, struct rf_policy_faults *faults)
{
	struct rf_reading reading = {policy, option, faults};
	const char *dot = strchr(name, '.');
	char section[RF_KEY_NAME] = "", hint[RF_VALUE_HINT];

	if (dot)
		snprintf(section, sizeof(section), "%.*s", (int)(dot - name), name);
	if (dot && !is_section(section)) {
		rf_value_hint(section, rf_key_sections, "; sections are: ", hint);
		return rf_policy_fault(faults, option, 0, 0, "there is no key '%.64s'%s", name,
				       hint);
	}
	unplace(node);
	node->name = strdup(dot ? dot + 1 : name);
	if (!node->name)
		return rf_policy_fault(faults, option, 0, 0, "no memory to keep it");
	return read_key(&reading, RF_POLICY_COMMAND_LINE, dot ? section : NULL, node);
}

static int set(struct rf_policy *policy, const char *option, const char *assignment,
	       struct rf_policy_faults *faults)
{
	const char *equals = strchr(assignment, '=');
	char name[RF_KEY_NAME];
	struct rf_node *node;
	int rc;

	if (!equals || (size_t)(equals - assignment) >= sizeof(name))
		return rf_policy_fault(faults, option, 0, 0,
				       "'%.64s' is not KEY=VALUE, as in recover.retries=5",
				       assignment);
	snprintf(name, sizeof(name), "%.*s", (int)(equals - assignment), assignment);
	if (!equals[1])
		return rf_policy_fault(faults, option, 0, 0, "%s has no value", name);
	node = rf_node_parse(equals + 1, strlen(equals + 1), option, faults);
	rc = node ? say_value(policy, option, name, node, faults) : -1;
	rf_node_destroy(node);
	return rc;
}

/* A text, or for a set of words a list of those that commas part. */
static struct rf_node *make_node(const char *text, bool words)
{
	struct rf_node *node = calloc(1, sizeof(*node)), *word;
	const char *end;

	if (node && !words) {
		node->text = strdup(text);
		node->kind = RF_NODE_TEXT;
	}
	if (!node || !words)
		goto out;
	node->kind = RF_NODE_LIST;
	for (end = text; *end; text = end + (*end == ',')) {
		end = strchrnul(text, ',');
		word = calloc(1, sizeof(*word));
		if (!word || !(word->text = strndup(text, (size_t)(end - text)))) {
			free(word);
			rf_node_destroy(node);
			return NULL;
		}
		if (node->last)
			node->last->next = word;
		else
			node->first = word;
		node->last = word;
	}
	return node;
out:
	if (node && node->text)
		return node;
	free(node);
	return NULL;
}

int rf_policy_say(struct rf_policy *policy, const struct rf_policy_said *said,
		  struct rf_policy_faults *faults)
{
	char option[RF_KEY_NAME], section[RF_KEY_NAME];
	const char *dot;
	enum rf_policy_key key;
	struct rf_node *node;
	int rc;

	snprintf(option, sizeof(option), "--%.40s", said->option);
	if (!said->key)
		return set(policy, option, said->value, faults);
	dot = strchr(said->key, '.');
	snprintf(section, sizeof(section), "%.*s", dot ? (int)(dot - said->key) : 0, said->key);
	key = rf_key_find(dot ? section : NULL, dot ? dot + 1 : said->key);
	node = make_node(said->value, key < RF_POLICY_KEYS && rf_keys[key].type == RF_KEY_WORDS);
	if (!node)
		return rf_policy_fault(faults, option, 0, 0, "no memory to keep it");
	rc = say_value(policy, option, said->key, node, faults);
	rf_node_destroy(node);
	return rc;
}

/* ---- all of them ---- */

static int read_environment(struct rf_policy *policy, const char *value,
			    struct rf_policy_faults *faults)
{
	if (*value == '/')
		return rf_policy_read_file(policy, RF_POLICY_ENVIRONMENT, value, false, faults);
	return rf_policy_read(policy, RF_POLICY_ENVIRONMENT, RF_POLICY_VARIABLE, value,
			      strlen(value), faults);
}

static int read_all(struct rf_policy *policy, const struct rf_policy_sources *s,
		    struct rf_policy_faults *faults)
{
	const struct rf_policy_said *said;
	int rc = 0;

	if (s->site)
		rc |= rf_policy_read_file(policy, RF_POLICY_SITE, s->site, true, faults);
	if (s->user)
		rc |= rf_policy_read_file(policy, RF_POLICY_USER, s->user, true, faults);
	if (s->job && s->job_text)
		rc |= rf_policy_read(policy, RF_POLICY_JOB, s->job, s->job_text,
				     strlen(s->job_text), faults);
	else if (s->job)
		rc |= rf_policy_read_file(policy, RF_POLICY_JOB, s->job, false, faults);
	if (s->environment && *s->environment)
		rc |= read_environment(policy, s->environment, faults);
	for (said = s->said; said && said->option; said++)
		rc |= rf_policy_say(policy, said, faults);
	return rc;
}

/* What follows from what has been said, where nothing has been said of it. */
static void conclude(struct rf_policy *policy)
{
	const struct rf_policy_origin *origin = policy->origin;

	/* who says on a command line how often wants it to be done */
	if (origin[RF_POLICY_RECOVER_RETRIES].layer == RF_POLICY_COMMAND_LINE &&
	    policy->recover.retries && origin[RF_POLICY_RECOVER_ON].layer == RF_POLICY_BUILT_IN)
		policy->recover.on = 1 << RF_POLICY_HOST_LOST | 1 << RF_POLICY_RANK_FAILED;
	/* and there must be something to go back to */
	if (policy->recover.on && policy->recover.retries &&
	    origin[RF_POLICY_SNAPSHOT_EVERY].layer == RF_POLICY_BUILT_IN)
		policy->snapshot.every_ms = RF_POLICY_AUTO;
}

struct rf_policy *rf_policy_load(const struct rf_policy_sources *sources,
				 struct rf_policy_faults *faults)
{
	struct rf_policy *policy = rf_policy_create(NULL);

	if (!policy)
		rf_policy_fault(faults, "policy", 0, 0, "no memory for it");
	if (!policy || read_all(policy, sources, faults) < 0)
		goto failed;
	conclude(policy);
	if ((rf_policy_check(policy, faults) | rf_policy_check_acts(policy, faults)) == 0)
		return policy;
failed:
	rf_policy_destroy(policy);
	return NULL;
}

const char *rf_policy_layer_name(enum rf_policy_layer layer)
{
	static const char *const names[] = {
		[RF_POLICY_BUILT_IN] = "built-in",
		[RF_POLICY_SITE] = "site",
		[RF_POLICY_USER] = "user",
		[RF_POLICY_JOB] = "job",
		[RF_POLICY_ENVIRONMENT] = "environment",
		[RF_POLICY_COMMAND_LINE] = "command line",
	};

	return names[layer];
}
