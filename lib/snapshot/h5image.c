/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "snapshot/h5image.h"
#include "snapshot/chunks.h"
#include "snapshot/h5error.h"
#include "snapshot/h5file.h"
#include "snapshot/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where a chunk of compressed pages is in the file */
struct place {
	uint64_t offset;
	uint32_t bytes;
	uint32_t plain; /* stored as it is */
};

struct packed {
	uint64_t id; /* never used again, so that a cached chunk is not taken for another's */
	enum rf_codec codec;
	uint64_t chunks;
	struct place place[];
};

/* Each thread keeps the chunk it has unpacked last: runs are often shorter than chunks. */
static __thread struct {
	uint64_t id, chunk; /* id 0: none */
	char *data, *raw;
} last;

static int read_at(int fd, void *to, size_t n, uint64_t at)
{
	char *p = to;

	while (n) {
		ssize_t got = pread(fd, p, n, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return -1;
		p += got;
		at += (uint64_t)got;
		n -= (size_t)got;
	}
	return 0;
}

static int unpack(const struct rf_source *s, uint64_t chunk, struct rf_error *err)
{
	const struct packed *p = s->state;
	const struct place *at = &p->place[chunk];

	if (last.id == p->id && last.chunk == chunk)
		return 0;
	last.id = 0;
	if (!last.data)
		last.data = malloc(RF_CHUNK_BYTES);
	if (!last.raw)
		last.raw = malloc(RF_CHUNK_BYTES);
	if (!last.data || !last.raw)
		return rf_error_set(err, ENOMEM, "no memory to unpack %s", s->path);
	if (at->bytes > RF_CHUNK_BYTES ||
	    read_at(s->fd, at->plain ? last.data : last.raw, at->bytes, at->offset) ||
	    (at->plain ? at->bytes != RF_CHUNK_BYTES
		       : rf_codec_unpack(p->codec, last.raw, at->bytes, last.data, RF_CHUNK_BYTES)))
		return rf_error_set(err, EIO, "%s is damaged: chunk %llu cannot be unpacked",
				    s->path, (unsigned long long)chunk);
	last.id = p->id;
	last.chunk = chunk;
	return 0;
}

static int read_packed(const struct rf_source *s, uint64_t first, uint64_t n, void *to,
		       struct rf_error *err)
{
	char *p = to;

	while (n) {
		uint64_t at = first % RF_CHUNK_PAGES, room = RF_CHUNK_PAGES - at;
		uint64_t part = n < room ? n : room;

		if (unpack(s, first / RF_CHUNK_PAGES, err))
			return -1;
		memcpy(p, last.data + at * RF_PAGE_SIZE, part * RF_PAGE_SIZE);
		p += part * RF_PAGE_SIZE;
		first += part;
		n -= part;
	}
	return 0;
}

static void close_source(struct rf_source *s)
{
	if (s->fd >= 0)
		close(s->fd);
	free(s->state);
}

/* ---- tables ---- */

static int cannot_read(const char *path, struct rf_error *err)
{
	return rf_h5_error(err, "cannot read", path);
}

/* Rows and, for two dimensions, the width of a dataset; -1 when it is something else. */
static int extent(hid_t set, int dimensions, uint64_t *rows, uint64_t width)
{
	hid_t space = H5Dget_space(set);
	hsize_t shape[2] = {0, 0};
	int n = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);

	if (n == dimensions)
		n = H5Sget_simple_extent_dims(space, shape, NULL);
	if (space >= 0)
		H5Sclose(space);
	*rows = shape[0];
	return n == dimensions && (n < 2 || shape[1] == width) ? 0 : -1;
}

static int read_table(struct rf_loaded *image, hid_t file, enum rf_table table, const char *path,
		      struct rf_error *err)
{
	hid_t set = H5Dopen2(file, rf_schema_path(table), H5P_DEFAULT), type = -1;
	uint64_t rows;
	int failed = -1;
	void *to;

	if (set < 0 || extent(set, 1, &rows, 0)) {
		rf_error_set(err, EINVAL, "%s has no table %s", path, rf_schema_path(table));
	} else if ((to = rf_loaded_table(image, table, rows, err))) {
		type = rf_schema_type(table);
		failed = rows && (type < 0 ||
				  H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, to) < 0)
				 ? cannot_read(path, err)
				 : 0;
	}
	if (type >= 0)
		H5Tclose(type);
	if (set >= 0)
		H5Dclose(set);
	return failed;
}

static int read_sums(struct rf_source *s, hid_t file, struct rf_error *err)
{
	hid_t set = H5Dopen2(file, RF_H5_CHECKSUMS, H5P_DEFAULT);
	uint64_t rows = 0;
	int failed = set < 0 || extent(set, 2, &rows, 2) || rows != s->pages;

	if (failed)
		rf_error_set(err, EINVAL, "%s does not have a checksum for each page", s->path);
	else if (!(s->sums = calloc(rows ? rows : 1, sizeof(*s->sums))))
		failed = rf_error_set(err, ENOMEM, "no memory for the checksums of %s", s->path);
	else if (rows && H5Dread(set, H5T_STD_U64LE, H5S_ALL, H5S_ALL, H5P_DEFAULT, s->sums) < 0)
		failed = cannot_read(s->path, err);
	if (set >= 0)
		H5Dclose(set);
	return failed ? -1 : 0;
}

/*
 * Some versions of H5Dget_chunk_info() count from the end of the user block, others from the start
 * of the file. Reading one chunk both ways tells; *base is what has to be added.
 */
static int find_base(const struct rf_source *s, hid_t set, const struct place *first,
		     uint64_t *base)
{
	const hsize_t origin[2] = {0, 0};
	char *a = malloc(first->bytes + 1), *b = malloc(first->bytes + 1);
	uint32_t mask;
	int found = 0;

	if (a && b && H5Dread_chunk(set, H5P_DEFAULT, origin, &mask, a) >= 0)
		for (*base = 0; !found && *base <= RF_SEAL_BYTES; *base += RF_SEAL_BYTES)
			found = !read_at(s->fd, b, first->bytes, first->offset + *base) &&
				!memcmp(a, b, first->bytes);
	*base -= RF_SEAL_BYTES;
	free(a);
	free(b);
	return found ? 0 : -1;
}

static uint64_t ids;

static int read_places(struct rf_source *s, hid_t set, struct rf_error *err)
{
	hid_t plist = H5Dget_create_plist(set), space = H5Dget_space(set);
	uint64_t chunks = (s->pages + RF_CHUNK_PAGES - 1) / RF_CHUNK_PAGES, base = 0;
	hsize_t shape[2] = {0, 0}, stored = 0;
	size_t values = 0;
	unsigned flags, info;
	struct packed *p;
	H5Z_filter_t filter;
	int failed = 0;

	H5Pget_chunk(plist, 2, shape);
	filter = H5Pget_filter2(plist, 0, &flags, &values, NULL, 0, NULL, &info);
	p = calloc(1, sizeof(*p) + chunks * sizeof(p->place[0]));
	if (!p || shape[0] != RF_CHUNK_PAGES || H5Dget_num_chunks(set, space, &stored) < 0 ||
	    stored != chunks || (filter != RF_FILTER_LZ4 && filter != RF_FILTER_ZSTD))
		failed = rf_error_set(err, EINVAL, "%s does not have all chunks of its pages",
				      s->path);
	for (uint64_t i = 0; i < chunks && !failed; i++) {
		hsize_t at[2], bytes;
		haddr_t offset;
		unsigned mask;
		uint64_t k;

		if (H5Dget_chunk_info(set, space, i, at, &mask, &offset, &bytes) < 0 ||
		    (k = at[0] / RF_CHUNK_PAGES) >= chunks || bytes > RF_CHUNK_BYTES)
			failed = cannot_read(s->path, err);
		else
			p->place[k] = (struct place){offset, (uint32_t)bytes, mask != 0};
	}
	if (!failed && chunks && find_base(s, set, &p->place[0], &base))
		failed = rf_error_set(err, EIO, "%s is damaged: its first chunk is lost", s->path);
	for (uint64_t i = 0; i < chunks && !failed; i++)
		p->place[i].offset += base;
	H5Sclose(space);
	H5Pclose(plist);
	if (failed) {
		free(p);
		return -1;
	}
	p->id = __atomic_add_fetch(&ids, 1, __ATOMIC_RELAXED);
	p->codec = filter == RF_FILTER_LZ4 ? RF_CODEC_LZ4 : RF_CODEC_ZSTD;
	p->chunks = chunks;
	s->state = p;
	s->read = read_packed;
	return 0;
}

/* Number and place of the pages */
static int read_pages(struct rf_source *s, hid_t file, const struct rf_seal *seal,
		      struct rf_error *err)
{
	hid_t set = H5Dopen2(file, RF_H5_PAGES, H5P_DEFAULT), plist;
	int failed = 0;

	if (set < 0 || extent(set, 2, &s->pages, RF_PAGE_SIZE)) {
		if (set >= 0)
			H5Dclose(set);
		return rf_error_set(err, EINVAL, "%s has no pages", s->path);
	}
	plist = H5Dget_create_plist(set);
	s->read = rf_source_pread;
	if (H5Pget_layout(plist) == H5D_CHUNKED) {
		failed = read_places(s, set, err);
	} else if (s->pages) {
		s->offset = H5Dget_offset(set);
		s->plain = 1;
		if (s->offset != seal->pages_offset || s->pages * RF_PAGE_SIZE != seal->pages_bytes)
			failed = rf_error_set(err, EINVAL, "%s has its pages in a wrong place",
					      s->path);
	}
	H5Pclose(plist);
	H5Dclose(set);
	return failed;
}

/* ---- files ---- */

/* Opens one file, checks it, and adds it as a source. Returns the HDF5 file. */
static hid_t open_source(struct rf_loaded *image, const char *path, struct rf_seal *seal,
			 struct rf_error *err)
{
	struct rf_source *s = rf_loaded_source(image, path, err);
	hid_t file;

	if (!s)
		return -1;
	rf_h5_quiet();
	s->close = close_source;
	s->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (s->fd < 0)
		return rf_error_errno(err, "cannot open %s", path);
	if (rf_seal_check(s->fd, path, 0, seal, err))
		return -1;
	file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
	if (file < 0)
		return cannot_read(path, err);
	return file;
}

static int read_sources(hid_t file, const char *path, struct rf_h5source **rows, uint64_t *count,
			struct rf_error *err)
{
	hid_t set, text, type;
	int failed = 0;

	*rows = NULL;
	*count = 0;
	if (H5Lexists(file, RF_H5_SOURCES, H5P_DEFAULT) <= 0)
		return 0;
	set = H5Dopen2(file, RF_H5_SOURCES, H5P_DEFAULT);
	text = H5Tcopy(H5T_C_S1);
	type = H5Tcreate(H5T_COMPOUND, sizeof(**rows));
	H5Tset_size(text, RF_H5_SOURCE_PATH);
	H5Tset_cset(text, H5T_CSET_UTF8);
	H5Tinsert(type, "path", HOFFSET(struct rf_h5source, path), text);
	H5Tinsert(type, "digest_low", HOFFSET(struct rf_h5source, digest.low), H5T_STD_U64LE);
	H5Tinsert(type, "digest_high", HOFFSET(struct rf_h5source, digest.high), H5T_STD_U64LE);
	if (set < 0 || extent(set, 1, count, 0) || *count > 100000 ||
	    !(*rows = calloc(*count + 1, sizeof(**rows))) ||
	    (*count && H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, *rows) < 0))
		failed = cannot_read(path, err);
	for (uint64_t i = 0; i < *count && !failed; i++)
		if (!memchr((*rows)[i].path, 0, RF_H5_SOURCE_PATH))
			failed = rf_error_set(err, EINVAL, "%s: a path of a base file has no end",
					      path);
	if (set >= 0)
		H5Dclose(set);
	H5Tclose(type);
	H5Tclose(text);
	return failed;
}

/* A base file's path is relative to the directory of the file that refers to it. */
static char *resolve(const char *from, const char *path)
{
	const char *slash = strrchr(from, '/');
	char *out = NULL;

	if (*path == '/' || !slash)
		return strdup(path);
	if (asprintf(&out, "%.*s/%s", (int)(slash - from), from, path) < 0)
		return NULL;
	return out;
}

static int load_base(struct rf_loaded *image, const char *path, const struct rf_h5source *row,
		     struct rf_error *err)
{
	char *base = resolve(path, row->path);
	struct rf_seal seal;
	hid_t file;
	int failed;

	if (!base)
		return rf_error_set(err, ENOMEM, "no memory to open a base file");
	file = open_source(image, base, &seal, err);
	if (file < 0) {
		rf_error_prefix(err, "%s needs %s", path, base);
		free(base);
		return -1;
	}
	if (seal.digest.low != row->digest.low || seal.digest.high != row->digest.high)
		failed = rf_error_set(
			err, ESTALE, "%s needs %s, but that is not the file it was written against",
			path, base);
	else
		failed = read_pages(&image->source[image->sources - 1], file, &seal, err) ||
			 read_sums(&image->source[image->sources - 1], file, err);
	H5Fclose(file);
	free(base);
	return failed ? -1 : 0;
}

/* A base that is only named: it may have any number of pages. */
static int name_base(struct rf_loaded *image, const char *path, const struct rf_h5source *row,
		     struct rf_error *err)
{
	char *base = resolve(path, row->path);
	struct rf_source *s = base ? rf_loaded_source(image, base, err) : NULL;

	if (!base)
		rf_error_set(err, ENOMEM, "no memory to read %s", path);
	if (s)
		s->pages = UINT64_MAX;
	free(base);
	return s ? 0 : -1;
}

static int load(struct rf_loaded *image, const char *path, int whole, struct rf_error *err)
{
	struct rf_h5source *rows = NULL;
	struct rf_seal seal;
	uint64_t count = 0;
	int failed = 0;
	hid_t file;

	memset(image, 0, sizeof(*image));
	file = open_source(image, path, &seal, err);
	if (file < 0)
		return -1;
	for (int i = 0; i < RF_TABLES && !failed; i++)
		failed = read_table(image, file, (enum rf_table)i, path, err);
	if (!failed)
		failed = read_pages(&image->source[0], file, &seal, err) ||
			 read_sources(file, path, &rows, &count, err) ||
			 (whole && read_sums(&image->source[0], file, err));
	H5Fclose(file);
	image->tables.pages = image->source[0].pages;
	for (uint64_t i = 0; i < count && !failed; i++)
		failed = whole ? load_base(image, path, &rows[i], err)
			       : name_base(image, path, &rows[i], err);
	free(rows);
	return failed ? -1 : 0;
}

int rf_h5image_load(struct rf_loaded *image, const char *path, struct rf_error *err)
{
	return load(image, path, 1, err);
}

int rf_h5image_tables(struct rf_loaded *image, const char *path, struct rf_error *err)
{
	return load(image, path, 0, err);
}

int rf_h5image_bases(const char *path, char ***paths, unsigned *count, struct rf_error *err)
{
	struct rf_h5source *rows = NULL;
	uint64_t n = 0;
	hid_t file;
	int failed;

	*paths = NULL;
	*count = 0;
	rf_h5_quiet();
	file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
	if (file < 0)
		return cannot_read(path, err);
	failed = read_sources(file, path, &rows, &n, err);
	H5Fclose(file);
	if (!failed && !(*paths = calloc(n + 1, sizeof(**paths))))
		failed = rf_error_set(err, ENOMEM, "no memory to read %s", path);
	for (uint64_t i = 0; i < n && !failed; i++)
		if (((*paths)[i] = resolve(path, rows[i].path)))
			(*count)++;
		else
			failed = rf_error_set(err, ENOMEM, "no memory to read %s", path);
	free(rows);
	return failed;
}

int rf_h5image_attribute(const char *path, const char *name, char *value, size_t size,
			 struct rf_error *err)
{
	hid_t file, attr, type;
	size_t n;

	*value = 0;
	rf_h5_quiet();
	file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
	if (file < 0)
		return cannot_read(path, err);
	if (H5Aexists(file, name) > 0) {
		attr = H5Aopen(file, name, H5P_DEFAULT);
		type = H5Aget_type(attr);
		n = H5Tget_size(type);
		if (H5Tget_class(type) == H5T_STRING && !H5Tis_variable_str(type) && n < size &&
		    H5Aread(attr, type, value) >= 0)
			value[n] = 0;
		else
			*value = 0;
		H5Tclose(type);
		H5Aclose(attr);
	}
	H5Fclose(file);
	return 0;
}
