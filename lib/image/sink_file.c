/* SPDX-License-Identifier: BSD-3-Clause */
#include "image/sink_file.h"
#include "image/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

static uint64_t page_up(uint64_t n)
{
	return (n + RF_PAGE_SIZE - 1) & ~(RF_PAGE_SIZE - 1);
}

static int put(struct rf_file_sink *f, const void *data, uint64_t n, uint64_t at,
	       struct rf_error *err)
{
	const char *from = data;

	while (n) {
		long got = rf_sys(pwrite64, f->sink.fds[0], from, n, at);

		if (got == -EINTR)
			continue;
		if (got <= 0)
			return rf_error_set(err, got ? (int)-got : ENOSPC,
					    "cannot write the image: %s",
					    got == -ENOSPC ? "the disk is full" : "write failed");
		from += got;
		at += (uint64_t)got;
		n -= (uint64_t)got;
	}
	return 0;
}

static int begin(struct rf_sink *sink, const struct rf_tables *t, struct rf_error *err)
{
	struct rf_file_sink *f = (struct rf_file_sink *)sink;
	struct rf_file_header *h = &f->header;
	uint64_t at = page_up(sizeof(*h));

	memset(h, 0, sizeof(*h));
	memcpy(h->magic, RF_FILE_MAGIC, sizeof(h->magic));
	h->version = RF_IMAGE_VERSION;
	h->page_size = RF_PAGE_SIZE;
	h->pages = t->pages;
	for (int i = 0; i < RF_TABLES; i++) {
		h->table[i].offset = at;
		h->table[i].count = t->table[i].count;
		h->table[i].record = rf_record_size((enum rf_table)i);
		at += (h->table[i].count * h->table[i].record + 7) & ~7UL;
		if (put(f, t->table[i].data, h->table[i].count * h->table[i].record,
			h->table[i].offset, err))
			return -1;
	}
	h->pages_offset = page_up(at);
	h->sums_offset = h->pages_offset + h->pages * RF_PAGE_SIZE;
	h->bytes = h->sums_offset + h->pages * sizeof(struct rf_sum);
	f->written = 0;
	return 0;
}

static int pages(struct rf_sink *sink, const void *data, const struct rf_sum *sums, uint64_t n,
		 struct rf_error *err)
{
	struct rf_file_sink *f = (struct rf_file_sink *)sink;
	const struct rf_file_header *h = &f->header;

	if (put(f, data, n * RF_PAGE_SIZE, h->pages_offset + f->written * RF_PAGE_SIZE, err) ||
	    put(f, sums, n * sizeof(*sums), h->sums_offset + f->written * sizeof(*sums), err))
		return -1;
	f->written += n;
	return 0;
}

/* The header comes last: a file without it is not an image. */
static int end(struct rf_sink *sink, struct rf_error *err)
{
	struct rf_file_sink *f = (struct rf_file_sink *)sink;

	return put(f, &f->header, sizeof(f->header), 0, err);
}

static void give_up(struct rf_sink *sink)
{
	rf_sys(ftruncate, sink->fds[0], 0);
}

int rf_file_sink_open(struct rf_file_sink *f, const char *path, struct rf_error *err)
{
	long fd = rf_sys(openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (rf_sys_failed(fd)) {
		errno = (int)-fd;
		return rf_error_errno(err, "cannot create %s", path);
	}
	memset(f, 0, sizeof(*f));
	f->sink = (struct rf_sink){.size = sizeof(*f),
				   .fds = {(int)fd, -1, -1, -1},
				   .begin = begin,
				   .pages = pages,
				   .end = end,
				   .abort = give_up};
	return 0;
}

void rf_file_sink_close(struct rf_file_sink *f)
{
	rf_sys(close, f->sink.fds[0]);
	f->sink.fds[0] = -1;
}
