/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "policy/value.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/duration.h"
#include "util/nearest.h"
#include "util/quantity.h"

int rf_value_fault(struct rf_reading *reading, const struct rf_node *node, const char *format, ...)
{
	char what[768];
	va_list ap;

	va_start(ap, format);
	vsnprintf(what, sizeof(what), format, ap);
	va_end(ap);
	return rf_policy_fault(reading->faults, reading->file, node->line, node->column, "%s",
			       what);
}

void rf_value_hint(const char *word, const char *const words[], const char *otherwise,
		   char hint[RF_VALUE_HINT])
{
	const char *near = rf_nearest(word, words);
	size_t used;

	if (near) {
		snprintf(hint, RF_VALUE_HINT, "; did you mean '%s'?", near);
		return;
	}
	snprintf(hint, RF_VALUE_HINT, "%s", *words ? otherwise : "");
	for (; *words; words++) {
		used = strlen(hint);
		snprintf(hint + used, RF_VALUE_HINT - used, "%s%s", *words, words[1] ? ", " : "");
	}
}

static void *place(struct rf_reading *reading, size_t offset)
{
	return (char *)reading->policy + offset;
}

static const char *name_of(const struct rf_key *key, char name[RF_KEY_NAME])
{
	rf_key_name((enum rf_policy_key)(key - rf_keys), name);
	return name;
}

static int find_word(const char *text, const char *const words[])
{
	int i;

	for (i = 0; words && words[i]; i++)
		if (strcmp(words[i], text) == 0)
			return i;
	return -1;
}

static int wrong_word(struct rf_reading *reading, const struct rf_key *key,
		      const struct rf_node *node, const char *text)
{
	char name[RF_KEY_NAME], hint[RF_VALUE_HINT];

	rf_value_hint(text, key->words, "; there is: ", hint);
	return rf_value_fault(reading, node, "%s: unknown word '%.64s'%s", name_of(key, name), text,
			      hint);
}

static int no_memory(struct rf_reading *reading, const struct rf_node *node)
{
	return rf_value_fault(reading, node, "no memory to keep it");
}

/* ---- one text ---- */

int rf_value_read_duration(struct rf_reading *reading, const struct rf_key *key, const char *name,
			   const struct rf_node *node, const char *text, int64_t *ms)
{
	char range[RF_KEY_RANGE];
	struct rf_error err;
	int64_t value;

	if (rf_duration_parse(text, &value, &err) < 0)
		return rf_value_fault(reading, node, "%s: %s", name, err.text);
	if (value < key->least || value > key->most) {
		rf_key_range(key, range);
		return rf_value_fault(reading, node, "%s: %.32s is not in %s", name, text, range);
	}
	*ms = value;
	return 0;
}

static int read_duration(struct rf_reading *reading, const struct rf_key *key,
			 const struct rf_node *node)
{
	int64_t *ms = place(reading, key->offset);
	char name[RF_KEY_NAME];

	if (find_word(node->text, key->words) >= 0) {
		*ms = strcmp(node->text, "never") == 0 ? RF_POLICY_NEVER : RF_POLICY_AUTO;
		return 0;
	}
	if (key->words[0] && strspn(node->text, "0123456789") == 0)
		return wrong_word(reading, key, node, node->text);
	return rf_value_read_duration(reading, key, name_of(key, name), node, node->text, ms);
}

/* Digits only, so that 010 or 0x10 mean nothing else than they seem to. */
static int read_number(const char *text, const struct rf_key *key, unsigned *number)
{
	size_t digits = strspn(text, "0123456789");
	unsigned long value = strtoul(text, NULL, 10);

	if (digits == 0 || digits > 9 || text[digits] || (text[0] == '0' && digits > 1))
		return -1;
	if ((int64_t)value < key->least || (int64_t)value > key->most)
		return -1;
	*number = (unsigned)value;
	return 0;
}

static int read_count(struct rf_reading *reading, const struct rf_key *key,
		      const struct rf_node *node)
{
	char name[RF_KEY_NAME], range[RF_KEY_RANGE];

	if (read_number(node->text, key, place(reading, key->offset)) == 0)
		return 0;
	rf_key_range(key, range);
	return rf_value_fault(reading, node, "%s: '%.32s' is not a number of %s",
			      name_of(key, name), node->text, range);
}

static int read_percent(struct rf_reading *reading, const struct rf_key *key,
			const struct rf_node *node)
{
	static const struct rf_unit units[] = {{"%", 1000, 0}, {NULL, 0, 0}};
	char name[RF_KEY_NAME], range[RF_KEY_RANGE];
	struct rf_error err;
	uint64_t value;

	name_of(key, name);
	if (rf_quantity_parse(node->text, units, "percentage", "say it as in 10%", &value, &err) <
	    0)
		return rf_value_fault(reading, node, "%s: %s", name, err.text);
	if (value < (uint64_t)key->least || value > (uint64_t)key->most) {
		rf_key_range(key, range);
		return rf_value_fault(reading, node, "%s: %.32s is not in %s", name, node->text,
				      range);
	}
	*(double *)place(reading, key->offset) = (double)value / 100000;
	return 0;
}

static int read_flag(struct rf_reading *reading, const struct rf_key *key,
		     const struct rf_node *node)
{
	static const char *const words[] = {"no", "yes", "false", "true", NULL};
	char name[RF_KEY_NAME];
	int i = find_word(node->text, words);

	if (i < 0)
		return rf_value_fault(reading, node, "%s: '%.64s' is neither yes nor no",
				      name_of(key, name), node->text);
	*(bool *)place(reading, key->offset) = i % 2;
	return 0;
}

static int read_word(struct rf_reading *reading, const struct rf_key *key,
		     const struct rf_node *node)
{
	int i = find_word(node->text, key->words);

	if (i < 0)
		return wrong_word(reading, key, node, node->text);
	*(int *)place(reading, key->offset) = i;
	return 0;
}

static int replace(struct rf_reading *reading, const struct rf_key *key, const struct rf_node *node)
{
	char **text = place(reading, key->offset), *copy = strdup(node->text);

	if (!copy)
		return no_memory(reading, node);
	free(*text);
	*text = copy;
	return 0;
}

static int read_codec(struct rf_reading *reading, const struct rf_key *key,
		      const struct rf_node *node)
{
	char name[RF_KEY_NAME], range[RF_KEY_RANGE];
	unsigned level;

	if (find_word(node->text, key->words) >= 0)
		return replace(reading, key, node);
	if (strncmp(node->text, "zstd:", 5) != 0)
		return wrong_word(reading, key, node, node->text);
	if (read_number(node->text + 5, key, &level) == 0)
		return replace(reading, key, node);
	rf_key_range(key, range);
	return rf_value_fault(reading, node, "%s: the level of '%.32s' is not a number of %s",
			      name_of(key, name), node->text, range);
}

bool rf_value_good_name(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n <= 64 && strchr("._-", *name) == NULL &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
		       n;
}

static int read_name(struct rf_reading *reading, const struct rf_key *key,
		     const struct rf_node *node)
{
	char name[RF_KEY_NAME];

	if (rf_value_good_name(node->text))
		return replace(reading, key, node);
	return rf_value_fault(reading, node, "%s: '%.64s' is not a plugin's name",
			      name_of(key, name), node->text);
}

/* Nothing in it that YAML, or a variable of mpirun's, could take for something else. */
static int read_path(struct rf_reading *reading, const struct rf_key *key,
		     const struct rf_node *node)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/"
				   "._+@-";
	const char *text = node->text;
	char name[RF_KEY_NAME];

	if (find_word(text, key->words) >= 0)
		return replace(reading, key, node);
	if (*text == '/' && strlen(text) <= RF_KEY_PATH_MAX && !text[strspn(text, good)])
		return replace(reading, key, node);
	return rf_value_fault(
		reading, node,
		"%s: '%.64s' is neither %s nor an absolute path of at most %d letters, "
		"digits and ._+@-",
		name_of(key, name), text, key->words[0], RF_KEY_PATH_MAX);
}

/* ---- lists, or one text for a list of one ---- */

static int read_one_of(struct rf_reading *reading, const struct rf_key *key,
		       const struct rf_node *node, unsigned *set, int64_t *time)
{
	char name[RF_KEY_NAME], word[32];
	const char *blank = strchr(node->text, ' ');
	int i;

	snprintf(word, sizeof(word), "%.*s",
		 blank ? (int)(blank - node->text) : (int)strlen(node->text), node->text);
	i = find_word(word, key->words);
	if (i < 0)
		return wrong_word(reading, key, node, node->text);
	name_of(key, name);
	if (*set & 1u << i)
		return rf_value_fault(reading, node, "%s: %s is there twice", name, word);
	*set |= 1u << i;
	if (!blank)
		return 0;
	if (!key->timed || strcmp(key->timed, word) != 0)
		return rf_value_fault(reading, node, "%s: nothing can follow '%s' in '%.64s'", name,
				      word, node->text);
	return rf_value_read_duration(reading, key, name, node, blank + strspn(blank, " "), time);
}

static int not_a_list(struct rf_reading *reading, const struct rf_key *key,
		      const struct rf_node *node)
{
	char name[RF_KEY_NAME];

	return rf_value_fault(reading, node, "%s is %s of %s, and this is %s", name_of(key, name),
			      "a list", key->type == RF_KEY_HOSTS ? "hosts" : "words",
			      node->kind == RF_NODE_MAP	   ? "a map"
			      : node->kind == RF_NODE_LIST ? "a list in it"
							   : "nothing");
}

static int read_words(struct rf_reading *reading, const struct rf_key *key,
		      const struct rf_node *node)
{
	const struct rf_node *one = node->kind == RF_NODE_LIST ? node->first : node;
	unsigned set = 0, count = 0;
	int64_t time = key->timed ? *(int64_t *)place(reading, key->time) : 0;
	char name[RF_KEY_NAME];

	for (; one; one = node->kind == RF_NODE_LIST ? one->next : NULL, count++) {
		if (one->kind != RF_NODE_TEXT || one->empty)
			return not_a_list(reading, key, one);
		if (read_one_of(reading, key, one, &set, &time) < 0)
			return -1;
	}
	if (count == 0 && key->least && !key->timed)
		return rf_value_fault(reading, node, "%s needs a word at least",
				      name_of(key, name));
	*(unsigned *)place(reading, key->offset) = set;
	if (key->timed)
		*(int64_t *)place(reading, key->time) = time;
	return 0;
}

static int read_hosts(struct rf_reading *reading, const struct rf_key *key,
		      const struct rf_node *node)
{
	const struct rf_node *one = node->kind == RF_NODE_LIST ? node->first : node;
	struct rf_hostlist **hosts = place(reading, key->offset), *all = rf_hostlist_create(),
			   *some;
	char name[RF_KEY_NAME];
	struct rf_error err;
	int rc = all ? 0 : no_memory(reading, node);

	for (; rc == 0 && one; one = node->kind == RF_NODE_LIST ? one->next : NULL) {
		if (one->kind != RF_NODE_TEXT || one->empty) {
			rc = not_a_list(reading, key, one);
			break;
		}
		some = rf_hostlist_parse(one->text, &err);
		if (!some || rf_hostlist_union(all, some, &err) < 0)
			rc = rf_value_fault(reading, one, "%s: %s", name_of(key, name), err.text);
		rf_hostlist_destroy(some);
	}
	if (rc == 0) {
		some = *hosts;
		*hosts = all;
		all = some;
	}
	rf_hostlist_destroy(all);
	return rc;
}

int rf_value_read(struct rf_reading *reading, const struct rf_key *key, const struct rf_node *node)
{
	static const struct {
		int (*read)(struct rf_reading *, const struct rf_key *, const struct rf_node *);
		const char *what; /* of one text only */
	} types[] = {
		[RF_KEY_DURATION] = {read_duration, "a duration"},
		[RF_KEY_COUNT] = {read_count, "a number"},
		[RF_KEY_PERCENT] = {read_percent, "a percentage"},
		[RF_KEY_FLAG] = {read_flag, "yes or no"},
		[RF_KEY_WORD] = {read_word, "a word"},
		[RF_KEY_CODEC] = {read_codec, "a word"},
		[RF_KEY_NAME_OF] = {read_name, "a plugin's name"},
		[RF_KEY_PATH] = {read_path, "a directory"},
		[RF_KEY_WORDS] = {read_words, NULL},
		[RF_KEY_HOSTS] = {read_hosts, NULL},
		[RF_KEY_MONITORS] = {rf_value_read_monitors, NULL},
		[RF_KEY_NOTIFY] = {rf_value_read_notify, NULL},
	};
	char name[RF_KEY_NAME];

	if (types[key->type].what && node->kind != RF_NODE_TEXT)
		return rf_value_fault(reading, node, "%s is %s, not a %s", name_of(key, name),
				      types[key->type].what,
				      node->kind == RF_NODE_LIST ? "list" : "map");
	if (node->kind == RF_NODE_TEXT && node->empty)
		return rf_value_fault(reading, node, "%s has no value", name_of(key, name));
	return types[key->type].read(reading, key, node);
}
