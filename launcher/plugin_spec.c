/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "plugin_spec.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "places.h"
#include "util/duration.h"

#define NAME_SIZE 64

static const char *const kinds[] = {"monitor", "placement", "notify"};

static int good_name(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n < NAME_SIZE &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == n;
}

/* ---- what is said ---- */

static int take_time(struct rf_plugin_spec *spec, const char *name, int least, int *ms,
		     struct rf_error *err)
{
	const char *text = json_string_value(json_object_get(spec->options, name));
	int64_t value;

	if (!text)
		return 0;
	if (rf_duration_parse(text, &value, err) < 0)
		return rf_error_prefix(err, "%s", name);
	if (value < least || value > 86400000)
		return rf_error_set(err, ERANGE, "%s: from %dms to 1d", name, least);
	*ms = (int)value;
	json_object_del(spec->options, name);
	return 0;
}

static int take_events(struct rf_plugin_spec *spec, struct rf_error *err)
{
	const char *text = json_string_value(json_object_get(spec->options, "events"));

	if (!text || strcmp(spec->kind, "notify") != 0)
		return 0;
	spec->events = strdup(text);
	json_object_del(spec->options, "events");
	if (spec->events)
		return 0;
	rf_plugin_spec_clear(spec);
	return rf_error_set(err, ENOMEM, "no memory for a plugin");
}

int rf_plugin_spec_make(const char *kind, const char *name, const json_t *options,
			struct rf_plugin_spec *spec, struct rf_error *err)
{
	*spec = (struct rf_plugin_spec){kind, strdup(name), NULL, 0, RF_PLUGIN_TIMEOUT_MS, NULL};
	spec->options = options ? json_copy((json_t *)(uintptr_t)options) : json_object();
	if (!spec->name || !spec->options)
		rf_error_set(err, ENOMEM, "no memory for a plugin");
	else if (!good_name(name))
		rf_error_set(err, EINVAL, "'%.64s' is not a plugin's name", name);
	else if (take_time(spec, "timeout", 100, &spec->timeout_ms, err) == 0 &&
		 (strcmp(kind, "monitor") != 0 ||
		  take_time(spec, "every", 100, &spec->every_ms, err) == 0))
		return take_events(spec, err);
	rf_error_prefix(err, "%s %.64s", kind, name);
	rf_plugin_spec_clear(spec);
	return -1;
}

/* Cuts off the text up to a comma that has no backslash before it, and takes backslashes out. */
static char *next_pair(char **rest)
{
	char *pair = *rest, *from = pair, *to = pair;

	if (!pair || !*pair)
		return NULL;
	while (*from && *from != ',') {
		if (*from == '\\' && from[1] == ',')
			from++;
		*to++ = *from++;
	}
	*rest = *from ? from + 1 : from;
	*to = '\0';
	return pair;
}

int rf_plugin_spec_parse(const char *kind, const char *text, struct rf_plugin_spec *spec,
			 struct rf_error *err)
{
	char *copy = strdup(text), *rest = copy ? strchr(copy, ':') : NULL, *pair;
	json_t *options = json_object();
	int rc = 0;

	if (rest)
		*rest++ = '\0';
	while (rc == 0 && (pair = next_pair(&rest))) {
		char *value = strchr(pair, '=');

		if (value)
			*value++ = '\0';
		if (!value || !good_name(pair))
			rc = rf_error_set(err, EINVAL, "%s %.64s: '%.64s' is not OPTION=VALUE",
					  kind, copy, pair);
		else if (json_object_get(options, pair))
			rc = rf_error_set(err, EINVAL, "%s %.64s: %s is set twice", kind, copy,
					  pair);
		else if (json_object_set_new(options, pair, json_string(value)) < 0)
			rc = rf_error_set(err, EILSEQ, "%s %.64s: %s is not UTF-8", kind, copy,
					  pair);
	}
	if (!copy)
		rc = rf_error_set(err, ENOMEM, "no memory for a plugin");
	if (rc == 0)
		rc = rf_plugin_spec_make(kind, copy, options, spec, err);
	json_decref(options);
	free(copy);
	return rc;
}

void rf_plugin_spec_clear(struct rf_plugin_spec *spec)
{
	free(spec->events);
	free(spec->name);
	json_decref(spec->options);
	*spec = (struct rf_plugin_spec){0};
}

/* ---- where they are ---- */

/* Each directory of the path, our own last, until `use` returns other than 0, which is returned. */
static int each_directory(int (*use)(const char *directory, void *data), void *data)
{
	const char *path = getenv(RF_PLUGIN_PATH);
	char *copy = strdup(path ? path : ""), *save = NULL, *directory;
	char own[PATH_MAX];
	int rc = 0;

	for (directory = copy ? strtok_r(copy, ":", &save) : NULL; directory && rc == 0;
	     directory = strtok_r(NULL, ":", &save))
		rc = use(directory, data);
	free(copy);
	if (rc == 0 && rf_place_plugins(own, NULL) == 0)
		rc = use(own, data);
	return rc;
}

struct search {
	const char *kind, *name;
	char *path;
	char list[300]; /* directories without it */
};

static int look_there(const char *directory, void *data)
{
	struct search *search = data;
	size_t n = strlen(search->list);

	if (snprintf(search->path, PATH_MAX, "%s/%s-%s.so", directory, search->kind, search->name) <
		    PATH_MAX &&
	    access(search->path, R_OK) == 0)
		return 1;
	snprintf(search->list + n, sizeof(search->list) - n, "%s%s", n ? ", " : "", directory);
	return 0;
}

int rf_plugin_find(const char *kind, const char *name, char path[PATH_MAX], struct rf_error *err)
{
	struct search search = {kind, name, path, ""};

	if (each_directory(look_there, &search))
		return 0;
	return rf_error_set(err, ENOENT,
			    "no %s '%s': %s-%s.so is not in %s; see `rankferry plugins'", kind,
			    name, kind, name, *search.list ? search.list : "any directory");
}

struct visit {
	void (*found)(const char *path, const char *kind, const char *name, void *data);
	void *data;
};

static void visit_file(const struct visit *visit, const char *directory, const char *file)
{
	char path[PATH_MAX], name[NAME_SIZE];
	size_t i, n = strlen(file);

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t k = strlen(kinds[i]);

		if (n < k + 5 || n - k - 4 >= sizeof(name) || strncmp(file, kinds[i], k) != 0 ||
		    file[k] != '-' || strcmp(file + n - 3, ".so") != 0)
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)(n - k - 4), file + k + 1);
		if (good_name(name) &&
		    snprintf(path, sizeof(path), "%s/%s", directory, file) < (int)sizeof(path))
			visit->found(path, kinds[i], name, visit->data);
	}
}

static int visit_directory(const char *directory, void *data)
{
	struct dirent **entries;
	int i, n = scandir(directory, &entries, NULL, alphasort);

	for (i = 0; i < n; i++) {
		visit_file(data, directory, entries[i]->d_name);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	return 0;
}

void rf_plugin_each(void (*found)(const char *path, const char *kind, const char *name, void *data),
		    void *data)
{
	struct visit visit = {found, data};

	each_directory(visit_directory, &visit);
}
