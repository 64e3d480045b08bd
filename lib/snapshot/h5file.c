/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "snapshot/h5file.h"
#include "snapshot/chunks.h"
#include "snapshot/h5error.h"
#include "snapshot/h5section.h"
#include "snapshot/schema.h"
#include "snapshot/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

struct rf_h5file {
	char *path;
	hid_t file, dataset; /* dataset: compressed pages */
	struct rf_chunks *chunks;
	struct rf_seal seal;
	uint64_t pages;
	int plain; /* where rf_h5file_pages() writes plain pages; -1: nowhere yet */
	uint64_t written;
	int finished;
};

static int failed(const struct rf_h5file *f, struct rf_error *err)
{
	return rf_h5_error(err, "cannot write", f->path);
}

/* Attributes, and one group for each directory of the schema */
static int make_groups(struct rf_h5file *f, struct rf_error *err)
{
	for (int i = 0; rf_schema_groups[i]; i++) {
		hid_t group = H5Gcreate2(f->file, rf_schema_groups[i], H5P_DEFAULT, H5P_DEFAULT,
					 H5P_DEFAULT);

		if (group < 0)
			return failed(f, err);
		H5Gclose(group);
	}
	return 0;
}

static int number_attribute(struct rf_h5file *f, const char *name, uint32_t value)
{
	hid_t space = H5Screate(H5S_SCALAR);
	hid_t attr = H5Acreate2(f->file, name, H5T_STD_U32LE, space, H5P_DEFAULT, H5P_DEFAULT);
	int r = attr < 0 ? -1 : H5Awrite(attr, H5T_NATIVE_UINT32, &value);

	if (attr >= 0)
		H5Aclose(attr);
	H5Sclose(space);
	return r;
}

static int text_attribute(struct rf_h5file *f, const char *name, const char *value)
{
	hid_t space = H5Screate(H5S_SCALAR), type = H5Tcopy(H5T_C_S1), attr;
	int r;

	H5Tset_size(type, strlen(value) + 1);
	H5Tset_cset(type, H5T_CSET_UTF8);
	attr = H5Acreate2(f->file, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
	r = attr < 0 ? -1 : H5Awrite(attr, type, value);
	if (attr >= 0)
		H5Aclose(attr);
	H5Tclose(type);
	H5Sclose(space);
	return r;
}

int rf_h5file_attribute(struct rf_h5file *f, const char *text, struct rf_error *err)
{
	const char *equals = strchr(text, '=');
	char *name = equals ? strndup(text, (size_t)(equals - text)) : NULL;
	int r;

	if (!name)
		return rf_error_set(err, EINVAL, "an attribute is name=value, not \"%s\"", text);
	r = text_attribute(f, name, equals + 1);
	free(name);
	return r < 0 ? failed(f, err) : 0;
}

static int root_attributes(struct rf_h5file *f, struct rf_error *err)
{
	char created[32], host[256] = "";
	time_t now = time(NULL);
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(created, sizeof(created), "%Y-%m-%dT%H:%M:%SZ", &tm);
	gethostname(host, sizeof(host) - 1);
	if (text_attribute(f, "format", "rankferry image") < 0 ||
	    number_attribute(f, "version", RF_IMAGE_VERSION) < 0 ||
	    number_attribute(f, "page_size", RF_PAGE_SIZE) < 0 ||
	    text_attribute(f, "byte_order", "little-endian") < 0 ||
	    text_attribute(f, "created", created) < 0 || text_attribute(f, "host", host) < 0)
		return failed(f, err);
	return 0;
}

/* HDF5 1.8's format: checksums on object headers, and every reader since 2008 understands it. */
static hid_t create(const char *path)
{
	hid_t access = H5Pcreate(H5P_FILE_ACCESS), creation = H5Pcreate(H5P_FILE_CREATE), file;

	H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18);
	H5Pset_alignment(access, RF_PAGE_SIZE, RF_PAGE_SIZE);
	H5Pset_userblock(creation, RF_SEAL_BYTES);
	file = H5Fcreate(path, H5F_ACC_EXCL, creation, access);
	H5Pclose(access);
	H5Pclose(creation);
	return file;
}

struct rf_h5file *rf_h5file_create(const char *path, struct rf_error *err)
{
	struct rf_h5file *f = calloc(1, sizeof(*f));
	mode_t mask;

	if (!f || !(f->path = strdup(path))) {
		rf_error_set(err, ENOMEM, "no memory to write %s", path);
		free(f);
		return NULL;
	}
	rf_h5_quiet();
	f->dataset = f->plain = -1;
	mask = umask(0177);
	f->file = create(path);
	umask(mask);
	if (f->file < 0) {
		if (access(path, F_OK) == 0)
			rf_error_set(err, EEXIST, "%s exists already", path);
		else
			rf_h5_error(err, "cannot create", path);
		free(f->path);
		free(f);
		return NULL;
	}
	if (make_groups(f, err) || root_attributes(f, err)) {
		rf_h5file_close(f);
		return NULL;
	}
	return f;
}

/* A dataset of `count` rows of `type`; a contiguous one, or an empty one. */
static int write_rows(struct rf_h5file *f, const char *path, hid_t type, const void *data,
		      uint64_t count, struct rf_error *err)
{
	hsize_t n = count;
	hid_t space = H5Screate_simple(1, &n, NULL), set = -1;
	int r = -1;

	if (type >= 0 && space >= 0)
		set = H5Dcreate2(f->file, path, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
	if (set >= 0)
		r = count ? H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) : 0;
	if (set >= 0)
		H5Dclose(set);
	H5Sclose(space);
	return r < 0 ? failed(f, err) : 0;
}

int rf_h5file_table(struct rf_h5file *f, enum rf_table table, const void *data, uint64_t count,
		    struct rf_error *err)
{
	hid_t type = rf_schema_type(table);
	int r = write_rows(f, rf_schema_path(table), type, data, count, err);

	H5Tclose(type);
	if (!r && table == RF_TABLE_MPI)
		r = rf_h5section_write(f->file, f->path, data, count, err);
	return r;
}

int rf_h5file_sources(struct rf_h5file *f, const struct rf_h5source *sources, uint64_t count,
		      struct rf_error *err)
{
	hid_t text = H5Tcopy(H5T_C_S1), type = H5Tcreate(H5T_COMPOUND, sizeof(*sources));
	int r;

	H5Tset_size(text, RF_H5_SOURCE_PATH);
	H5Tset_cset(text, H5T_CSET_UTF8);
	H5Tinsert(type, "path", HOFFSET(struct rf_h5source, path), text);
	H5Tinsert(type, "digest_low", HOFFSET(struct rf_h5source, digest.low), H5T_STD_U64LE);
	H5Tinsert(type, "digest_high", HOFFSET(struct rf_h5source, digest.high), H5T_STD_U64LE);
	r = write_rows(f, RF_H5_SOURCES, type, sources, count, err);
	H5Tclose(type);
	H5Tclose(text);
	return r;
}

/* A file system that is full half way through is found sooner. */
static int check_space(const struct rf_h5file *f, uint64_t bytes, struct rf_error *err)
{
	char *dir = strdup(f->path), *slash = dir ? strrchr(dir, '/') : NULL;
	struct statvfs fs;
	int r = -1;

	if (slash) {
		slash[slash == dir] = 0;
		r = statvfs(dir, &fs);
	} else if (dir)
		r = statvfs(".", &fs);
	free(dir);
	if (r == 0 && fs.f_bavail * fs.f_frsize < bytes)
		return rf_error_set(err, ENOSPC, "%s needs %llu MB, %llu MB are free", f->path,
				    (unsigned long long)bytes >> 20,
				    (unsigned long long)(fs.f_bavail * fs.f_frsize) >> 20);
	return 0;
}

int rf_h5file_layout(struct rf_h5file *f, uint64_t pages, enum rf_codec codec, int level,
		     uint64_t *offset, struct rf_error *err)
{
	hsize_t shape[2] = {pages, RF_PAGE_SIZE};
	/* HDF5 refuses a chunk that the dataset could never fill */
	hsize_t most[2] = {
		codec != RF_CODEC_NONE && pages && pages < RF_CHUNK_PAGES ? RF_CHUNK_PAGES : pages,
		RF_PAGE_SIZE};
	hid_t space = H5Screate_simple(2, shape, most), plist = H5Pcreate(H5P_DATASET_CREATE);
	int r = 0;

	f->pages = pages;
	*offset = 0;
	if (codec == RF_CODEC_NONE || !pages) {
		if (check_space(f, pages * (RF_PAGE_SIZE + sizeof(struct rf_sum)), err)) {
			H5Sclose(space);
			H5Pclose(plist);
			return -1;
		}
		/* the place is taken at once, and never filled by HDF5 */
		H5Pset_alloc_time(plist, H5D_ALLOC_TIME_EARLY);
		H5Pset_fill_time(plist, H5D_FILL_TIME_NEVER);
		codec = RF_CODEC_NONE;
	} else
		r = rf_chunks_filter(plist, codec, level);
	if (r >= 0)
		f->dataset = H5Dcreate2(f->file, RF_H5_PAGES, H5T_STD_U8LE, space, H5P_DEFAULT,
					plist, H5P_DEFAULT);
	H5Sclose(space);
	H5Pclose(plist);
	if (f->dataset < 0)
		return failed(f, err);
	if (codec != RF_CODEC_NONE) {
		f->chunks = rf_chunks_create(f->dataset, f->path, codec, level, err);
		return f->chunks ? 0 : -1;
	}
	if (pages) {
		haddr_t at = H5Dget_offset(f->dataset);

		if (at == HADDR_UNDEF || at % RF_PAGE_SIZE)
			return rf_error_set(err, EIO, "HDF5 gives no place for the pages in %s",
					    f->path);
		*offset = f->seal.pages_offset = at;
		f->seal.pages_bytes = pages * RF_PAGE_SIZE;
	}
	return 0;
}

static int write_plain(struct rf_h5file *f, const char *data, uint64_t n, struct rf_error *err)
{
	if (f->plain < 0)
		f->plain = open(f->path, O_WRONLY | O_CLOEXEC);
	while (n) {
		ssize_t put = f->plain < 0 ? -1
					   : pwrite(f->plain, data, n,
						    (off_t)(f->seal.pages_offset + f->written));

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return rf_error_errno(err, "cannot write %s", f->path);
		if (put == 0)
			return rf_error_set(err, ENOSPC, "cannot write %s: the disk is full",
					    f->path);
		data += put;
		n -= (uint64_t)put;
		f->written += (uint64_t)put;
	}
	return 0;
}

int rf_h5file_pages(struct rf_h5file *f, const void *pages, uint64_t n, struct rf_error *err)
{
	return f->chunks ? rf_chunks_add(f->chunks, pages, n, err)
			 : write_plain(f, pages, n * RF_PAGE_SIZE, err);
}

static int write_sums(struct rf_h5file *f, const struct rf_sum *sums, struct rf_error *err)
{
	hsize_t shape[2] = {f->pages, 2};
	hid_t space = H5Screate_simple(2, shape, NULL);
	hid_t set = H5Dcreate2(f->file, RF_H5_CHECKSUMS, H5T_STD_U64LE, space, H5P_DEFAULT,
			       H5P_DEFAULT, H5P_DEFAULT);
	int r = set < 0 ? -1 : 0;

	if (set >= 0 && f->pages)
		r = H5Dwrite(set, H5T_STD_U64LE, H5S_ALL, H5S_ALL, H5P_DEFAULT, sums);
	if (set >= 0)
		H5Dclose(set);
	H5Sclose(space);
	return r < 0 ? failed(f, err) : 0;
}

int rf_h5file_finish(struct rf_h5file *f, const struct rf_sum *sums, int no_fsync,
		     struct rf_error *err)
{
	int fd, r;

	if ((f->chunks && rf_chunks_finish(f->chunks, err)) || write_sums(f, sums, err))
		return -1;
	r = f->dataset >= 0 ? H5Dclose(f->dataset) : 0;
	f->dataset = -1;
	if (H5Fclose(f->file) < 0)
		r = -1;
	f->file = -1;
	if (r < 0)
		return failed(f, err);
	fd = open(f->path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return rf_error_errno(err, "cannot open %s", f->path);
	r = rf_seal_write(fd, f->path, &f->seal, err);
	if (!r && !no_fsync && fsync(fd))
		r = rf_error_errno(err, "cannot make %s durable", f->path);
	if (close(fd) && !r)
		r = rf_error_errno(err, "cannot write %s", f->path);
	f->finished = !r;
	return r;
}

void rf_h5file_close(struct rf_h5file *f)
{
	if (!f)
		return;
	rf_chunks_free(f->chunks);
	if (f->plain >= 0)
		close(f->plain);
	if (f->dataset >= 0)
		H5Dclose(f->dataset);
	if (f->file >= 0)
		H5Fclose(f->file);
	if (!f->finished)
		unlink(f->path);
	free(f->path);
	free(f);
}
