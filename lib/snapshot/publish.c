/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "snapshot/h5image.h"
#include "snapshot/store.h"
#include "snapshot/store_parts.h"
#include "snapshot/viewer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The snapshots that a file's bases are in: "000011" of .../000011/rank-000003.h5 */
static int add_bases(const char *path, json_t *bases, struct rf_error *err)
{
	char **list;
	unsigned n;
	int failed = rf_h5image_bases(path, &list, &n, err);

	for (unsigned i = 0; i < n; i++) {
		char *slash = strrchr(list[i], '/'), *name;

		if (slash) {
			*slash = 0;
			name = strrchr(list[i], '/');
			name = name ? name + 1 : list[i];
			json_object_set_new(bases, name, json_true());
		}
		free(list[i]);
	}
	free(list);
	return failed;
}

static json_t *describe(const char *dir, unsigned rank, json_t *bases, struct rf_error *err)
{
	char name[RF_RANK_FILE], digest[RF_SUM_TEXT], *path = NULL;
	struct rf_seal seal;
	json_t *row = NULL;

	rf_manifest_rank_file(rank, name);
	if (asprintf(&path, "%s/%s", dir, name) < 0) {
		rf_error_set(err, ENOMEM, "no memory for a manifest");
		return NULL;
	}
	if (rf_seal_read(path, &seal, err) == 0 && add_bases(path, bases, err) == 0) {
		rf_seal_text(&seal.digest, digest);
		row = json_pack("{s:i, s:s, s:I, s:s}", "rank", (int)rank, "file", name, "bytes",
				(json_int_t)seal.bytes, "digest", digest);
		if (!row)
			rf_error_set(err, ENOMEM, "no memory for a manifest");
	}
	free(path);
	return row;
}

json_t *rf_manifest_make(const char *dir, unsigned ranks, json_t *extra, struct rf_error *err)
{
	json_t *rows = json_array(), *set = json_object(), *bases = json_array(), *manifest = NULL;
	json_t *viewer = rf_viewer_describe(dir, err);
	char created[32];
	time_t now = time(NULL);
	const char *key;
	json_t *value;
	struct tm tm;

	for (unsigned i = 0; i < ranks && viewer; i++) {
		json_t *row = describe(dir, i, set, err);

		if (!row)
			goto fail;
		json_array_append_new(rows, row);
	}
	if (!viewer)
		goto fail;
	json_object_foreach(set, key, value) json_array_append_new(bases, json_string(key));
	gmtime_r(&now, &tm);
	strftime(created, sizeof(created), "%Y-%m-%dT%H:%M:%SZ", &tm);
	manifest = json_pack("{s:s, s:i, s:s, s:O, s:O, s:O}", "format", RF_MANIFEST_FORMAT,
			     "version", RF_MANIFEST_VERSION, "created", created, "ranks", rows,
			     "bases", bases, "viewer", viewer);
	if (!manifest || (extra && json_object_update_missing(manifest, extra))) {
		rf_error_set(err, ENOMEM, "no memory for a manifest");
		json_decref(manifest);
		manifest = NULL;
	}
fail:
	json_decref(viewer);
	json_decref(rows);
	json_decref(set);
	json_decref(bases);
	return manifest;
}

static int publish(const char *partial, const char *final, const char *jobdir, unsigned ranks,
		   json_t *extra, struct rf_error *err)
{
	json_t *manifest;
	int failed;

	if (rf_viewer_write(partial, ranks, err))
		return -1;
	manifest = rf_manifest_make(partial, ranks, extra, err);
	failed = !manifest || rf_manifest_write(partial, manifest, err) ||
		 rf_store_sync(partial, err);
	json_decref(manifest);
	if (failed)
		return -1;
	if (rf_store_rename(partial, final))
		return rf_error_errno(err, "cannot publish %s", final);
	if (rf_store_sync(jobdir, err) == 0)
		return 0;
	rename(final, partial);
	return -1;
}

char *rf_store_publish(const char *partial, unsigned ranks, json_t *extra, struct rf_error *err)
{
	size_t n = strlen(partial), tail = strlen(RF_STORE_PARTIAL);
	char *final = NULL, *jobdir = NULL, *slash;

	if (n <= tail || strcmp(partial + n - tail, RF_STORE_PARTIAL)) {
		rf_error_set(err, EINVAL, "%s is not the directory of a new snapshot", partial);
		return NULL;
	}
	if (!ranks) {
		rf_error_set(err, EINVAL, "a snapshot without ranks");
		return NULL;
	}
	final = strndup(partial, n - tail);
	jobdir = strdup(partial);
	if (!final || !jobdir) {
		rf_error_set(err, ENOMEM, "no memory to publish %s", partial);
		goto fail;
	}
	slash = strrchr(jobdir, '/');
	strcpy(slash ? slash : jobdir, slash ? "" : ".");
	if (publish(partial, final, jobdir, ranks, extra, err) == 0) {
		free(jobdir);
		return final;
	}
fail:
	free(final);
	free(jobdir);
	return NULL;
}
