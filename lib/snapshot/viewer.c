/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "snapshot/viewer.h"
#include "snapshot/h5error.h"
#include "snapshot/manifest.h"
#include "snapshot/seal.h"
#include "util/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#define BYTES_MAX (1UL << 30)

static char *viewer_path(const char *dir, struct rf_error *err)
{
	char *path = NULL;

	if (asprintf(&path, "%s/" RF_VIEWER_FILE, dir) >= 0)
		return path;
	rf_error_set(err, ENOMEM, "no memory for a path");
	return NULL;
}

static int write_links(const char *path, unsigned ranks)
{
	hid_t access = H5Pcreate(H5P_FILE_ACCESS), create = H5Pcreate(H5P_FILE_CREATE), file;
	int failed;

	H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_LATEST);
	H5Pset_link_creation_order(create, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
	file = H5Fcreate(path, H5F_ACC_EXCL, create, access);
	failed = file < 0;
	for (unsigned i = 0; i < ranks && !failed; i++) {
		char name[RF_RANK_FILE], link[RF_RANK_FILE];

		rf_manifest_rank_file(i, name);
		snprintf(link, sizeof(link), "rank-%06u", i);
		failed = H5Lcreate_external(name, "/", file, link, H5P_DEFAULT, H5P_DEFAULT) < 0;
	}
	if (file >= 0 && H5Fclose(file) < 0)
		failed = 1;
	H5Pclose(access);
	H5Pclose(create);
	return failed;
}

int rf_viewer_write(const char *dir, unsigned ranks, struct rf_error *err)
{
	char *path = viewer_path(dir, err);
	int failed = 0, fd;

	if (!path)
		return -1;
	rf_h5_quiet();
	unlink(path); /* of an attempt to publish that has failed */
	if (write_links(path, ranks)) {
		failed = rf_h5_error(err, "cannot write", path);
	} else {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || fchmod(fd, 0600) || fsync(fd))
			failed = rf_error_errno(err, "cannot make %s durable", path);
		rf_fd_close(&fd);
	}
	free(path);
	return failed;
}

json_t *rf_viewer_describe(const char *dir, struct rf_error *err)
{
	char *path = viewer_path(dir, err), *bytes = NULL, digest[RF_SUM_TEXT];
	json_t *description = NULL;
	XXH128_hash_t h;
	size_t n;
	int fd;

	if (!path)
		return NULL;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		rf_error_errno(err, "cannot open %s", path);
	else if ((bytes = rf_fd_read(fd, BYTES_MAX, &n, path, err))) {
		h = XXH3_128bits(bytes, n);
		rf_seal_text(&(struct rf_sum){h.low64, h.high64}, digest);
		description = json_pack("{s:s, s:I, s:s}", "file", RF_VIEWER_FILE, "bytes",
					(json_int_t)n, "digest", digest);
		if (!description)
			rf_error_set(err, ENOMEM, "no memory to describe %s", path);
	}
	rf_fd_close(&fd);
	free(bytes);
	free(path);
	return description;
}

int rf_viewer_check(const char *dir, json_t *description, struct rf_error *err)
{
	json_t *now;
	int same;

	if (!description)
		return 0;
	if (!(now = rf_viewer_describe(dir, err)))
		return -1;
	same = json_equal(now, description);
	json_decref(now);
	return same ? 0
		    : rf_error_set(err, EIO, "%s/" RF_VIEWER_FILE " is damaged: it has changed",
				   dir);
}
