/* SPDX-License-Identifier: BSD-3-Clause */
/* What is delivered for people: the policies in configs/, their schema, the man page. */
#define _GNU_SOURCE
#include "unit.h"

#include <dirent.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/explain.h"
#include "policy/keys.h"
#include "policy/read.h"
#include "policy/schema.h"

static const char *source(const char *name)
{
	static char path[PATH_MAX];
	const char *top = getenv("RF_SRCDIR");

	snprintf(path, sizeof(path), "%.2000s/%.1000s", top ? top : ".", name);
	return path;
}

static int is_policy(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && strcmp(dot, ".yaml") == 0;
}

static void try_policy(const char *file)
{
	const struct rf_policy_sources sources = {.job = file};
	struct rf_policy_faults faults = {0};
	struct rf_policy *policy = rf_policy_load(&sources, &faults);
	char *text;
	unsigned i;
	int key, own = 0;

	for (i = 0; i < faults.count && i < RF_POLICY_FAULTS; i++)
		printf("# %s\n", faults.line[i]);
	CU_ASSERT_EQUAL(faults.count, 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(policy);
	text = rf_policy_explain(policy);
	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	CU_ASSERT_TRUE(strlen(text) > 200);
	for (key = 0; key < RF_POLICY_KEYS; key++)
		own += policy->origin[key].layer == RF_POLICY_JOB;
	CU_ASSERT_TRUE(own > 0);
	free(text);
	rf_policy_destroy(policy);
}

static void test_configs(void)
{
	struct dirent **entries;
	int i, n = scandir(source("configs"), &entries, is_policy, alphasort);
	char name[PATH_MAX];

	CU_ASSERT_TRUE_FATAL(n > 0);
	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "configs/%.200s", entries[i]->d_name);
		printf("# %s\n", name);
		try_policy(source(name));
		free(entries[i]);
	}
	free(entries);
}

static void test_schema(void)
{
	json_error_t error;
	json_t *file = json_load_file(source("configs/policy.schema.json"), 0, &error);
	json_t *made = rf_policy_schema();

	CU_ASSERT_PTR_NOT_NULL(file);
	CU_ASSERT_PTR_NOT_NULL(made);
	if (!json_equal(file, made)) {
		CU_FAIL("the schema is not that of the keys");
		printf("# make it anew: rankferry policy schema >configs/policy.schema.json\n");
	}
	json_decref(file);
	json_decref(made);
}

/* From the line that begins with `begin` on; NULL if there is none. */
static const char *behind(const char *text, const char *begin)
{
	size_t n = strlen(begin);

	while (text && strncmp(text, begin, n) != 0) {
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	return text;
}

/* Each key, each of its words and the ends of its range, in the right section. */
static void test_man(void)
{
	FILE *file = fopen(source("docs/man/rankferry-policy.5"), "re");
	char *text = calloc(1, 1 << 20), want[80], range[RF_KEY_RANGE];
	const struct rf_key *key;
	const char *at, *word;
	int i, k;

	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	CU_ASSERT_TRUE(fread(text, 1, (1 << 20) - 1, file) > 0);
	fclose(file);
	for (i = 0; i < RF_POLICY_KEYS; i++) {
		key = &rf_keys[i];
		snprintf(want, sizeof(want), ".Ss %s\n", key->section ? key->section : key->name);
		at = behind(text, want);
		snprintf(want, sizeof(want), ".It Cm %s\n", key->name);
		at = key->section ? behind(at, want) : at;
		if (!at)
			printf("# no %s\n", key->name);
		CU_ASSERT_PTR_NOT_NULL_FATAL(at);
		for (k = 0; key->words && key->words[k]; k++) {
			word = strstr(at, key->words[k]);
			if (!word)
				printf("# %s: no %s\n", key->name, key->words[k]);
			CU_ASSERT_PTR_NOT_NULL(word);
		}
		if (key->type != RF_KEY_DURATION && key->type != RF_KEY_COUNT &&
		    key->type != RF_KEY_PERCENT)
			continue;
		rf_key_range(key, range);
		word = strstr(at, range);
		if (!word || word - at > 400) {
			CU_FAIL("no range");
			printf("# %s: no %s\n", key->name, range);
		}
	}
	free(text);
}

static const struct unit_test tests[] = {
	{"each policy in configs/ is right, and can be explained", test_configs},
	{"the JSON schema is that of the keys", test_schema},
	{"the man page has each key, its words and its range", test_man},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("policy_files", tests);
}
