/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "resume.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "events.h"
#include "say.h"
#include "snapshot/manifest.h"
#include "snapshot/store.h"

static int check_rank(const char *snapshot, const json_t *row, struct rf_error *err)
{
	char *path;
	int rc;

	if (asprintf(&path, "%s/%s", snapshot, json_string_value(json_object_get(row, "file"))) < 0)
		return rf_error_errno(err, "can not read %s", snapshot);
	rc = rf_manifest_check_file(row, path, err);
	free(path);
	return rc;
}

int rf_resume_check(const char *snapshot, const json_t *manifest, struct rf_error *err)
{
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(manifest, "ranks"), i, row)
	{
		if (check_rank(snapshot, row, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- which jobs of that name count: those since the last one that has begun anew ---- */

/* `ids` is an object with their ids as keys. */
static void note(json_t *ids, const json_t *event)
{
	const char *name = json_string_value(json_object_get(event, "event"));
	const char *id = json_string_value(json_object_get(event, "id"));
	const json_t *code = json_object_get(event, "exit_code");

	if (!name || !id)
		return;
	if (strcmp(name, "job.begin") == 0) {
		if (!json_object_get(event, "from"))
			json_object_clear(ids);
		json_object_set_new(ids, id, json_true());
	} else if (strcmp(name, "job.end") == 0 && json_is_integer(code) &&
		   json_integer_value(code) == 0) {
		json_object_clear(ids);
	}
}

/* A line that was cut off, or is none of ours, says nothing. */
static int read_events(const char *directory, const char *ending, json_t *ids, bool *any,
		       struct rf_error *err)
{
	char path[PATH_MAX], *line = NULL;
	size_t room = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s%s", directory, RF_EVENTS_FILE, ending);
	file = fopen(path, "re");
	if (!file)
		return errno == ENOENT ? 0 : rf_error_errno(err, "can not read %s", path);
	*any = true;
	while (getline(&line, &room, file) > 0) {
		json_t *event = strstr(line, "\"job.") ? json_loads(line, 0, NULL) : NULL;

		note(ids, event);
		json_decref(event);
	}
	free(line);
	fclose(file);
	return 0;
}

/* ---- */

static bool same_line(const json_t *command, char *const line[])
{
	const json_t *word;
	size_t i;

	json_array_foreach(command, i, word)
	{
		if (!line[i] || !json_is_string(word) ||
		    strcmp(json_string_value(word), line[i]) != 0)
			return false;
	}
	return i > 0 && !line[i];
}

static int check_start(const char *path, const json_t *manifest, char *const line[],
		       struct rf_error *err)
{
	const char *cwd = json_string_value(json_object_get(manifest, "cwd"));
	char here[PATH_MAX];

	if (!same_line(json_object_get(manifest, "command"), line))
		return rf_error_set(err, EINVAL,
				    "%s is of another mpirun line; `rankferry restart' goes on "
				    "from it, with another --job this one begins",
				    path);
	if (!getcwd(here, sizeof(here)))
		return rf_error_errno(err, "can not read the working directory");
	if (!cwd || strcmp(cwd, here) != 0)
		return rf_error_set(err, EINVAL, "%s is of a job that was started in %s, not in %s",
				    path, cwd ? cwd : "another directory", here);
	return 0;
}

/* 1: that is it; 0: it does not count, or is damaged, which is noted in `err`; -1 */
static int try(const char *path, const json_t *ids, char *const line[], struct rf_resume *resume,
	       bool *damaged, struct rf_error *err)
{
	json_t *manifest = rf_manifest_read(path, err);
	const char *id = json_string_value(json_object_get(manifest, "id"));

	if (manifest && ids && (!id || !json_object_get(ids, id))) {
		json_decref(manifest);
		return 0;
	}
	if (!manifest || rf_resume_check(path, manifest, err) < 0) {
		json_decref(manifest);
		*damaged = true;
		rf_say("%s; an older snapshot is tried", err->text);
		return 0;
	}
	if (check_start(path, manifest, line, err) < 0) {
		json_decref(manifest);
		return -1;
	}
	resume->manifest = manifest;
	return 1;
}

static int search(const char *directory, const json_t *ids, char *const line[],
		  struct rf_resume *resume, struct rf_error *err)
{
	bool damaged = false;
	unsigned *numbers = NULL;
	int n = rf_store_list(directory, &numbers, err), rc = n < 0 ? -1 : 0;

	while (rc == 0 && n-- > 0) {
		char *path = rf_store_path(directory, numbers[n]);

		rc = path ? try(path, ids, line, resume, &damaged, err)
			  : rf_error_errno(err, "can not read %s", directory);
		if (rc == 1)
			resume->path = path;
		else
			free(path);
	}
	free(numbers);
	if (rc == 0 && damaged)
		return rf_error_set(err, EIO,
				    "no snapshot in %s is whole; without --resume the job begins "
				    "anew",
				    directory);
	return rc < 0 ? -1 : 0;
}

int rf_resume_find(const char *store, const char *job, char *const line[], struct rf_resume *resume,
		   struct rf_error *err)
{
	char directory[PATH_MAX];
	json_t *ids = json_object();
	bool any = false;
	int rc = ids ? 0 : rf_error_set(err, ENOMEM, "no memory to look for snapshots");

	*resume = (struct rf_resume){0};
	if ((size_t)snprintf(directory, sizeof(directory), "%s/%s", store, job) >=
	    sizeof(directory))
		rc = rf_error_set(err, ENAMETOOLONG, "the path %s/%s is too long", store, job);
	if (rc == 0 && access(directory, F_OK) < 0) {
		rc = errno == ENOENT ? 0 : rf_error_errno(err, "can not read %s", directory);
		json_decref(ids);
		return rc;
	}
	if (rc == 0 && (read_events(directory, ".1", ids, &any, err) < 0 ||
			read_events(directory, "", ids, &any, err) < 0))
		rc = -1;
	if (rc == 0)
		rc = search(directory, any ? ids : NULL, line, resume, err);
	json_decref(ids);
	return rc;
}

void rf_resume_clear(struct rf_resume *resume)
{
	free(resume->path);
	json_decref(resume->manifest);
	*resume = (struct rf_resume){0};
}
