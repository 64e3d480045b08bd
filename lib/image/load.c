/* SPDX-License-Identifier: BSD-3-Clause */
#include "image/load.h"
#include "image/sink_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TABLE_BYTES_MAX (64UL << 30)

static int read_all(int fd, void *to, uint64_t n, uint64_t at, const char *path,
		    struct rf_error *err)
{
	char *p = to;

	while (n) {
		ssize_t got = pread(fd, p, n < (1u << 30) ? n : 1u << 30, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return rf_error_errno(err, "cannot read %s", path);
		if (got == 0)
			return rf_error_set(err, EIO, "%s is truncated", path);
		p += got;
		at += (uint64_t)got;
		n -= (uint64_t)got;
	}
	return 0;
}

int rf_source_pread(const struct rf_source *s, uint64_t first, uint64_t n, void *to,
		    struct rf_error *err)
{
	return read_all(s->fd, to, n * RF_PAGE_SIZE, s->offset + first * RF_PAGE_SIZE, s->path,
			err);
}

void *rf_loaded_table(struct rf_loaded *image, enum rf_table table, uint64_t count,
		      struct rf_error *err)
{
	void *data = NULL;

	if (count <= TABLE_BYTES_MAX / rf_record_size(table))
		data = calloc(count ? count : 1, rf_record_size(table));
	if (!data) {
		rf_error_set(err, ENOMEM, "no memory for %llu entries of the table of %s",
			     (unsigned long long)count, rf_table_name(table));
		return NULL;
	}
	free(image->tables.table[table].data);
	image->tables.table[table].data = data;
	image->tables.table[table].count = count;
	return data;
}

struct rf_source *rf_loaded_source(struct rf_loaded *image, const char *path, struct rf_error *err)
{
	struct rf_source *more = realloc(image->source, (image->sources + 1) * sizeof(*more));
	char *copy = strdup(path);

	if (more)
		image->source = more;
	if (!more || !copy) {
		free(copy);
		rf_error_set(err, ENOMEM, "no memory to open %s", path);
		return NULL;
	}
	more += image->sources++;
	memset(more, 0, sizeof(*more));
	more->path = copy;
	more->fd = -1;
	return more;
}

static void close_plain(struct rf_source *s)
{
	if (s->fd >= 0)
		close(s->fd);
}

static int read_header(struct rf_file_header *h, int fd, const char *path, struct rf_error *err)
{
	struct stat st;

	if (fstat(fd, &st))
		return rf_error_errno(err, "cannot read %s", path);
	if ((uint64_t)st.st_size < sizeof(*h) || read_all(fd, h, sizeof(*h), 0, path, err) ||
	    memcmp(h->magic, RF_FILE_MAGIC, sizeof(h->magic)))
		return rf_error_set(err, EINVAL, "%s is not a complete image of Rankferry", path);
	if (h->version != RF_IMAGE_VERSION || h->page_size != RF_PAGE_SIZE)
		return rf_error_set(err, EINVAL,
				    "%s has format version %u; this program reads version %u", path,
				    h->version, RF_IMAGE_VERSION);
	if ((uint64_t)st.st_size != h->bytes || h->pages > h->bytes / RF_PAGE_SIZE)
		return rf_error_set(err, EIO, "%s is truncated or damaged", path);
	return 0;
}

int rf_load_is_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char magic[sizeof(RF_FILE_MAGIC)] = "";
	ssize_t n = fd < 0 ? 0 : read(fd, magic, sizeof(magic) - 1);

	if (fd >= 0)
		close(fd);
	return n == sizeof(magic) - 1 && !strcmp(magic, RF_FILE_MAGIC);
}

int rf_load_file(struct rf_loaded *image, const char *path, struct rf_error *err)
{
	struct rf_file_header h;
	struct rf_source *s;

	memset(image, 0, sizeof(*image));
	if (!(s = rf_loaded_source(image, path, err)))
		return -1;
	s->close = close_plain;
	s->read = rf_source_pread;
	s->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (s->fd < 0)
		return rf_error_errno(err, "cannot open %s", path);
	if (read_header(&h, s->fd, path, err))
		return -1;
	for (int i = 0; i < RF_TABLES; i++) {
		void *to;

		if (h.table[i].record != rf_record_size((enum rf_table)i))
			return rf_error_set(err, EIO, "%s: the table of %s is damaged", path,
					    rf_table_name((enum rf_table)i));
		to = rf_loaded_table(image, (enum rf_table)i, h.table[i].count, err);
		if (!to || read_all(s->fd, to, h.table[i].count * h.table[i].record,
				    h.table[i].offset, path, err))
			return -1;
	}
	image->tables.pages = s->pages = h.pages;
	s->offset = h.pages_offset;
	s->plain = 1;
	s->sums = calloc(h.pages ? h.pages : 1, sizeof(*s->sums));
	if (!s->sums)
		return rf_error_set(err, ENOMEM, "no memory for the checksums of %s", path);
	return read_all(s->fd, s->sums, h.pages * sizeof(*s->sums), h.sums_offset, path, err);
}

void rf_loaded_free(struct rf_loaded *image)
{
	for (unsigned i = 0; i < image->sources; i++) {
		struct rf_source *s = &image->source[i];

		if (s->close)
			s->close(s);
		free(s->sums);
		free(s->path);
	}
	free(image->source);
	for (int i = 0; i < RF_TABLES; i++)
		free(image->tables.table[i].data);
	memset(image, 0, sizeof(*image));
}
