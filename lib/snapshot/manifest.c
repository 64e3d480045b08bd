/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "snapshot/manifest.h"
#include "snapshot/seal.h"
#include "util/durable.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define MANIFEST_FLAGS (JSON_SORT_KEYS | JSON_INDENT(1))

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

int rf_manifest_check_file(const json_t *row, const char *path, struct rf_error *err)
{
	struct rf_seal seal;
	char digest[RF_SUM_TEXT];

	if (rf_seal_read(path, &seal, err))
		return -1;
	rf_seal_text(&seal.digest, digest);
	if (strcmp(digest, json_string_value(json_object_get(row, "digest"))) ||
	    (json_int_t)seal.bytes != json_integer_value(json_object_get(row, "bytes")))
		return rf_error_set(err, ESTALE, "%s is not the file that the manifest lists",
				    path);
	return 0;
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
	if (!format || strcmp(format, RF_MANIFEST_FORMAT))
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
