/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "policy/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/value.h"

#define SPAN	 "[0-9]+(\\.[0-9]+)?(ms|s|m|h|d)$"
#define DURATION "^" SPAN
#define PERCENT	 "^[0-9]+(\\.[0-9]+)?%$"
#define PLACE	 "^/[A-Za-z0-9/._+@-]*$"
#define PLUGIN	 "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"

static json_t *pattern(const char *text)
{
	return json_pack("{s:s, s:s}", "type", "string", "pattern", text);
}

static json_t *word_list(const char *const words[])
{
	json_t *list = json_array();

	for (; *words; words++)
		json_array_append_new(list, json_string(*words));
	return json_pack("{s:o}", "enum", list);
}

static json_t *one_or_list(json_t *item)
{
	return json_pack("{s:[O, {s:s, s:o}]}", "anyOf", item, "type", "array", "items", item);
}

static json_t *duration(const struct rf_key *key)
{
	if (!key->words[0])
		return pattern(DURATION);
	return json_pack("{s:[o, o]}", "anyOf", pattern(DURATION), word_list(key->words));
}

static json_t *word_set(const struct rf_key *key)
{
	json_t *item = word_list(key->words);
	char *timed = NULL;

	if (key->timed && asprintf(&timed, "^%s +" SPAN, key->timed) >= 0)
		item = json_pack("{s:[o, o]}", "anyOf", item, pattern(timed));
	free(timed);
	return one_or_list(item);
}

static json_t *codec(const struct rf_key *key)
{
	return json_pack("{s:[o, o]}", "anyOf", word_list(key->words),
			 pattern("^zstd:[1-9][0-9]?$"));
}

/* A list of maps: what is common to notify and monitors. `required` is consumed. */
static json_t *plugins(json_t *members, json_t *required)
{
	json_object_set_new(members, "use", pattern(PLUGIN));
	json_object_set_new(members, "options",
			    json_pack("{s:s, s:{s:[s, s, s]}}", "type", "object",
				      "additionalProperties", "type", "string", "number",
				      "boolean"));
	return json_pack("{s:s, s:i, s:{s:s, s:o, s:b, s:o*}}", "type", "array", "maxItems",
			 RF_KEY_PLACES, "items", "type", "object", "properties", members,
			 "additionalProperties", 0, "anyOf", required);
}

static json_t *describe(const struct rf_key *key)
{
	switch (key->type) {
	case RF_KEY_DURATION:
		return duration(key);
	case RF_KEY_COUNT:
		return json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum",
				 (json_int_t)key->least, "maximum", (json_int_t)key->most);
	case RF_KEY_PERCENT:
		return pattern(PERCENT);
	case RF_KEY_FLAG:
		return json_pack("{s:[b, b, s, s]}", "enum", 1, 0, "yes", "no");
	case RF_KEY_WORD:
		return word_list(key->words);
	case RF_KEY_WORDS:
		return word_set(key);
	case RF_KEY_CODEC:
		return codec(key);
	case RF_KEY_HOSTS:
		return one_or_list(json_pack("{s:s}", "type", "string"));
	case RF_KEY_NAME_OF:
		return pattern(PLUGIN);
	case RF_KEY_PATH:
		return json_pack("{s:[o, o]}", "anyOf", word_list(key->words), pattern(PLACE));
	case RF_KEY_NOTIFY:
		return plugins(json_pack("{s:o, s:o}", "event", pattern("^[^ /]+$"), "exec",
					 pattern("^/")),
			       json_pack("[{s:[s, s]}, {s:[s, s]}]", "required", "event", "exec",
					 "required", "event", "use"));
	case RF_KEY_MONITORS:
		return plugins(json_pack("{s:o}", "every", pattern(DURATION)),
			       json_pack("[{s:[s]}]", "required", "use"));
	}
	return NULL;
}

/* The map of a section's properties, made when it is first asked for. */
static json_t *section_of(json_t *properties, const char *section)
{
	json_t *schema = json_object_get(properties, section);

	if (!schema) {
		schema = json_pack("{s:[s, s], s:{}, s:b}", "type", "object", "null", "properties",
				   "additionalProperties", 0);
		json_object_set_new(properties, section, schema);
	}
	return json_object_get(schema, "properties");
}

json_t *rf_policy_schema(void)
{
	struct rf_policy *built_in = rf_policy_create(NULL);
	json_t *properties = json_object(), *one, *what;
	const struct rf_key *key;
	char *value, *text;
	int i;

	for (i = 0; built_in && i < RF_POLICY_KEYS; i++) {
		key = &rf_keys[i];
		one = describe(key);
		value = rf_value_format(built_in, (enum rf_policy_key)i);
		what = NULL;
		if (value && asprintf(&text, "%s Built in: %s.", key->what, value) >= 0) {
			what = json_string(text);
			free(text);
		}
		free(value);
		json_object_set_new(one, "description", what);
		json_object_set_new(key->section ? section_of(properties, key->section)
						 : properties,
				    key->name, one);
	}
	rf_policy_destroy(built_in);
	return json_pack("{s:s, s:s, s:[s, s], s:o, s:b}", "$schema",
			 "http://json-schema.org/draft-07/schema#", "title", "Rankferry policy",
			 "type", "object", "null", "properties", properties, "additionalProperties",
			 0);
}
