/* SPDX-License-Identifier: BSD-3-Clause */
/* A manifest is refused with a reason, or has the members that its readers rely on. */
#define _GNU_SOURCE
#include "fuzz.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "snapshot/manifest.h"

static char dir[] = "/tmp/rf-fuzz-manifest.XXXXXX";

static void clean(void)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/manifest.json", dir);
	unlink(path);
	rmdir(dir);
}

static void put(const char *path, const void *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	FUZZ_CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size && close(fd) == 0);
}

static void check(json_t *manifest)
{
	json_t *ranks = json_object_get(manifest, "ranks"), *row;
	size_t i;

	FUZZ_CHECK(json_is_array(ranks) && json_is_array(json_object_get(manifest, "bases")));
	json_array_foreach(ranks, i, row)
	{
		char name[RF_RANK_FILE];

		rf_manifest_rank_file((unsigned)i, name);
		FUZZ_CHECK(strcmp(json_string_value(json_object_get(row, "file")), name) == 0);
		FUZZ_CHECK(json_is_string(json_object_get(row, "digest")));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rf_error err = {0};
	json_t *manifest;
	char path[64];

	if (!strcmp(dir + sizeof(dir) - 7, "XXXXXX")) {
		FUZZ_CHECK(mkdtemp(dir));
		atexit(clean);
	}
	snprintf(path, sizeof(path), "%s/manifest.json", dir);
	put(path, data, size);
	manifest = rf_manifest_read(dir, &err);
	if (!manifest) {
		FUZZ_CHECK(err.text[0]);
		/* nearly nothing has the right checksum: what is behind that check is reached so */
		manifest = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
		if (!json_is_object(manifest) || rf_manifest_write(dir, manifest, &err)) {
			json_decref(manifest);
			return 0;
		}
		json_decref(manifest);
		manifest = rf_manifest_read(dir, &err);
		FUZZ_CHECK(manifest || err.text[0]);
	}
	if (manifest)
		check(manifest);
	json_decref(manifest);
	return 0;
}
