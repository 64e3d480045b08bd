/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/read.h"
#include "policy/value.h"
#include "util/duration.h"

static void put_duration(FILE *out, int64_t ms)
{
	char text[RF_DURATION_TEXT];

	if (ms == RF_POLICY_NEVER || ms == RF_POLICY_AUTO) {
		fputs(ms == RF_POLICY_NEVER ? "never" : "auto", out);
		return;
	}
	rf_duration_format(ms, text);
	fputs(text, out);
}

static void put_words(FILE *out, const struct rf_key *key, unsigned set, int64_t time)
{
	const char *between = "";
	int i;

	putc('[', out);
	for (i = 0; key->words[i]; i++) {
		if (!(set & 1u << i))
			continue;
		fprintf(out, "%s%s", between, key->words[i]);
		between = ", ";
		if (key->timed && strcmp(key->timed, key->words[i]) == 0) {
			putc(' ', out);
			put_duration(out, time);
		}
	}
	putc(']', out);
}

static void put_quoted(FILE *out, const char *text)
{
	putc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putc('\\', out);
		putc(*text, out);
	}
	putc('"', out);
}

static void put_hosts(FILE *out, const struct rf_hostlist *hosts)
{
	char *text = rf_hostlist_format(hosts);

	if (text && *text)
		put_quoted(out, text);
	else
		fputs("[]", out);
	free(text);
}

static void put_plugin(FILE *out, const struct rf_policy_plugin *plugin)
{
	unsigned i;

	fprintf(out, "use: %s", plugin->use);
	if (plugin->options)
		fputs(", options: {", out);
	for (i = 0; i < plugin->options; i++) {
		fprintf(out, "%s%s: ", i ? ", " : "", plugin->option[i].name);
		put_quoted(out, plugin->option[i].value);
	}
	if (plugin->options)
		putc('}', out);
}

static void put_notify(FILE *out, const struct rf_policy *policy)
{
	const struct rf_policy_notify *n = policy->notify;
	unsigned i;

	putc('[', out);
	for (i = 0; i < policy->notifies; i++, n++) {
		fprintf(out, "%s{event: ", i ? ", " : "");
		put_quoted(out, n->event);
		fputs(", ", out);
		if (rf_policy_is_exec(&n->plugin)) {
			fputs("exec: ", out);
			put_quoted(out, n->plugin.option[0].value);
		} else {
			put_plugin(out, &n->plugin);
		}
		putc('}', out);
	}
	putc(']', out);
}

static void put_monitors(FILE *out, const struct rf_policy *policy)
{
	unsigned i;

	putc('[', out);
	for (i = 0; i < policy->monitors; i++) {
		fprintf(out, "%s{", i ? ", " : "");
		put_plugin(out, &policy->monitor[i].plugin);
		fputs(", every: ", out);
		put_duration(out, policy->monitor[i].every_ms);
		putc('}', out);
	}
	putc(']', out);
}

char *rf_value_format(const struct rf_policy *policy, enum rf_policy_key number)
{
	const struct rf_key *key = &rf_keys[number];
	const void *at = (const char *)policy + key->offset;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	bool bad;

	if (!out)
		return NULL;
	switch (key->type) {
	case RF_KEY_DURATION:
		put_duration(out, *(const int64_t *)at);
		break;
	case RF_KEY_COUNT:
		fprintf(out, "%u", *(const unsigned *)at);
		break;
	case RF_KEY_PERCENT:
		fprintf(out, "%.6g%%",
			(double)(int64_t)(*(const double *)at * 100000 + 0.5) / 1000);
		break;
	case RF_KEY_FLAG:
		fputs(*(const bool *)at ? "yes" : "no", out);
		break;
	case RF_KEY_WORD:
		fputs(key->words[*(const int *)at], out);
		break;
	case RF_KEY_WORDS:
		put_words(out, key, *(const unsigned *)at,
			  *(const int64_t *)((const char *)policy + key->time));
		break;
	case RF_KEY_CODEC:
	case RF_KEY_NAME_OF:
	case RF_KEY_PATH:
		fputs(*(char *const *)at, out);
		break;
	case RF_KEY_HOSTS:
		put_hosts(out, *(struct rf_hostlist *const *)at);
		break;
	case RF_KEY_NOTIFY:
		put_notify(out, policy);
		break;
	case RF_KEY_MONITORS:
		put_monitors(out, policy);
		break;
	}
	bad = ferror(out);
	if (fclose(out) == 0 && !bad)
		return text;
	free(text);
	return NULL;
}

char *rf_policy_format(const struct rf_policy *policy, enum rf_policy_layer from)
{
	const char *section = "";
	char *text = NULL, *value;
	enum rf_policy_key number;
	bool bad = false;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (number = 0; out && number < RF_POLICY_KEYS; number++) {
		const struct rf_key *key = &rf_keys[number];

		if (policy->origin[number].layer < from)
			continue;
		if (key->section && strcmp(section, key->section) != 0)
			fprintf(out, "%s:\n", key->section);
		section = key->section ? key->section : "";
		value = rf_value_format(policy, number);
		bad = bad || !value;
		fprintf(out, "%s%s: %s\n", key->section ? "  " : "", key->name, value ? value : "");
		free(value);
	}
	bad = !out || bad || ferror(out);
	if (out && fclose(out) == 0 && !bad)
		return text;
	free(text);
	return NULL;
}
