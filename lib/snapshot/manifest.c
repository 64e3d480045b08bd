/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "snapshot/manifest.h"
#include "snapshot/h5image.h"
#include "snapshot/viewer.h"
#include "util/durable.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xxhash.h>

#define FORMAT	       "rankferry snapshot"
#define MANIFEST_FLAGS (JSON_SORT_KEYS | JSON_INDENT(1))

void rf_manifest_rank_file(unsigned rank, char name[RF_RANK_FILE])
{
	snprintf(name, RF_RANK_FILE, "rank-%06u.h5", rank);
}

/* The checksum is that of the compact, sorted text without the member "checksum" itself. */
static int checksum(json_t *manifest, char text[RF_SUM_TEXT])
{
	json_t *copy = json_copy(manifest);
	char *dump;
	XXH128_hash_t h;

	if (!copy)
		return -1;
	json_object_del(copy, "checksum");
	dump = json_dumps(copy, JSON_SORT_KEYS | JSON_COMPACT);
	json_decref(copy);
	if (!dump)
		return -1;
	h = XXH3_128bits(dump, strlen(dump));
	rf_seal_text(&(struct rf_sum){h.low64, h.high64}, text);
	free(dump);
	return 0;
}

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
	if (rf_h5image_seal(path, &seal, err) == 0 && add_bases(path, bases, err) == 0) {
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
	manifest = json_pack("{s:s, s:i, s:s, s:O, s:O, s:O}", "format", FORMAT, "version",
			     RF_MANIFEST_VERSION, "created", created, "ranks", rows, "bases", bases,
			     "viewer", viewer);
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

static char *manifest_path(const char *dir, struct rf_error *err)
{
	char *path = NULL;

	if (asprintf(&path, "%s/manifest.json", dir) < 0) {
		rf_error_set(err, ENOMEM, "no memory for a manifest");
		return NULL;
	}
	return path;
}

int rf_manifest_write(const char *dir, json_t *manifest, struct rf_error *err)
{
	char sum[RF_SUM_TEXT], *path = manifest_path(dir, err), *text = NULL;
	int failed = -1;

	if (!path)
		return -1;
	if (checksum(manifest, sum) ||
	    json_object_set_new(manifest, "checksum", json_string(sum)) ||
	    !(text = json_dumps(manifest, MANIFEST_FLAGS)))
		rf_error_set(err, ENOMEM, "no memory for %s", path);
	else
		failed = rf_durable_write(path, 0600, text, strlen(text), err);
	free(text);
	free(path);
	return failed;
}

static int check_rows(json_t *rows)
{
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		char name[RF_RANK_FILE];
		const char *file = json_string_value(json_object_get(row, "file"));

		rf_manifest_rank_file((unsigned)i, name);
		if (!file || strcmp(file, name) ||
		    !json_is_integer(json_object_get(row, "bytes")) ||
		    !json_is_string(json_object_get(row, "digest")))
			return -1;
	}
	return 0;
}

json_t *rf_manifest_read(const char *dir, struct rf_error *err)
{
	char sum[RF_SUM_TEXT], *path = manifest_path(dir, err);
	const char *stored, *format;
	json_error_t why;
	json_t *m;
	int version;

	if (!path)
		return NULL;
	errno = 0;
	m = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
	if (!m) {
		rf_error_set(err, errno ? errno : EINVAL, "%s is not a complete snapshot: %s", dir,
			     why.text);
		goto out;
	}
	stored = json_string_value(json_object_get(m, "checksum"));
	format = json_string_value(json_object_get(m, "format"));
	version = (int)json_integer_value(json_object_get(m, "version"));
	if (!format || strcmp(format, FORMAT))
		rf_error_set(err, EINVAL, "%s is not the manifest of a snapshot", path);
	else if (version != RF_MANIFEST_VERSION)
		rf_error_set(err, EPROTO, "%s has version %d; this Rankferry reads version %d",
			     path, version, RF_MANIFEST_VERSION);
	else if (!stored || checksum(m, sum) || strcmp(stored, sum))
		rf_error_set(err, EIO, "%s is damaged: its checksum is wrong", path);
	else if (!json_is_array(json_object_get(m, "ranks")) ||
		 !json_is_array(json_object_get(m, "bases")) ||
		 check_rows(json_object_get(m, "ranks")))
		rf_error_set(err, EINVAL, "%s does not list its files as it should", path);
	else
		goto out;
	json_decref(m);
	m = NULL;
out:
	free(path);
	return m;
}
