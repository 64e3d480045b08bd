/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rankferry-writer: makes the HDF5 file of an image for the process that is captured, which starts
 * it with a socket as fd 3 (protocol.h); or for one on another host, at the other end of a TCP
 * connection that a keeper has made (launcher/receiver.h). If that process goes away before the
 * end, the file is removed.
 */
#define _GNU_SOURCE
#include "image/record.h"
#include "snapshot/compare.h"
#include "snapshot/h5file.h"
#include "snapshot/h5image.h"
#include "snapshot/protocol.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define LET_READ_S	5 /* for the other side to read why */
#define TABLE_BYTES_MAX (64UL << 30)

struct writer {
	const char *path, *base;
	const char *attribute[32];
	unsigned attributes;
	enum rf_codec codec;
	int level, no_fsync, stream; /* stream: all pages come through the socket */
	struct rf_h5file *file;
	struct rf_compare *compare;
	struct rf_run *runs; /* of the captured process, when they are compared */
	uint64_t run_count;
	struct rf_sum *sums;
	uint64_t pages, sum_count; /* expected and received */
	char *buf;
	int laid_out, tracking;
	struct rf_error err;
};

/* 1, 0 at the end of the stream, -1 */
static int receive(void *to, size_t n)
{
	char *p = to;

	while (n) {
		ssize_t got = recv(RF_WRITER_FD, p, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? -1 : 0;
		p += got;
		n -= (size_t)got;
	}
	return 1;
}

static int answer(const void *data, size_t n)
{
	const char *p = data;

	while (n) {
		ssize_t put = send(RF_WRITER_FD, p, n, MSG_NOSIGNAL);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return -1;
		p += put;
		n -= (size_t)put;
	}
	return 0;
}

static int lost(struct writer *w)
{
	return rf_error_set(&w->err, EPIPE, "the captured process has gone");
}

static int reply(const struct writer *w, int code, uint64_t offset)
{
	struct rf_writer_reply r = {.code = code,
				    .stream = (uint32_t)w->stream,
				    .compare = w->compare != NULL && !w->laid_out,
				    .tracking = (uint32_t)w->tracking,
				    .offset = offset};

	snprintf(r.text, sizeof(r.text), "%s", w->err.text);
	return answer(&r, sizeof(r));
}

static int layout(struct writer *w, uint64_t pages)
{
	uint64_t offset;

	w->pages = pages;
	w->laid_out = 1;
	if (rf_h5file_layout(w->file, pages, w->codec, w->level, &offset, &w->err))
		return -1;
	if (w->compare)
		return reply(w, 0, offset) ? lost(w) : 0;
	w->sums = malloc((pages + 1) * sizeof(*w->sums));
	if (!w->sums)
		return rf_error_set(&w->err, ENOMEM, "no memory for %llu checksums",
				    (unsigned long long)pages);
	return reply(w, 0, offset) ? lost(w) : 0;
}

static int one_table(struct writer *w, enum rf_table table, uint64_t count)
{
	uint64_t bytes = count * rf_record_size(table);
	char *data;
	int failed;

	if (count > TABLE_BYTES_MAX / rf_record_size(table) || !(data = malloc(bytes + 1)))
		return rf_error_set(&w->err, ENOMEM, "no memory for the table of %s",
				    rf_table_name(table));
	if (receive(data, bytes) <= 0 && bytes) {
		free(data);
		return lost(w);
	}
	if (table == RF_TABLE_RUNS && w->compare) {
		w->runs = (struct rf_run *)data;
		w->run_count = count;
		return 0;
	}
	failed = rf_h5file_table(w->file, table, data, count, &w->err);
	free(data);
	return failed;
}

/* An image has a random name, by which the captured process knows again what it has tracked since.
 */
static int name_capture(struct writer *w, const struct rf_writer_message *m)
{
	char text[64], base[64] = "";

	if (m->since && w->base) {
		if (rf_h5image_attribute(w->base, "capture", base, sizeof(base), &w->err))
			return -1;
		snprintf(text, sizeof(text), "%016" PRIx64, m->since);
		w->tracking = strcmp(base, text) == 0;
	}
	if (!m->capture)
		return 0;
	snprintf(text, sizeof(text), "capture=%016" PRIx64, m->capture);
	return rf_h5file_attribute(w->file, text, &w->err);
}

static int on_tables(struct writer *w, const struct rf_writer_message *m)
{
	if (w->file)
		return rf_error_set(&w->err, EPROTO, "tables came twice");
	if (w->base && !(w->compare = rf_compare_open(w->base, w->path, &w->err)))
		return -1;
	if (!(w->file = rf_h5file_create(w->path, &w->err)) || name_capture(w, m))
		return -1;
	for (unsigned i = 0; i < w->attributes; i++)
		if (rf_h5file_attribute(w->file, w->attribute[i], &w->err))
			return -1;
	for (int i = 0; i < RF_TABLES; i++)
		if (one_table(w, (enum rf_table)i, m->table[i]))
			return -1;
	if (w->compare)
		return reply(w, 0, 0) ? lost(w) : 0;
	return layout(w, m->pages);
}

static int on_compare(struct writer *w, const struct rf_writer_message *m)
{
	struct rf_sum *sums = (struct rf_sum *)w->buf;
	uint8_t wanted[RF_WRITER_BATCH];

	if (!w->compare || w->laid_out)
		return rf_error_set(&w->err, EPROTO, "nothing is to be compared");
	if (receive(sums, m->count * sizeof(*sums)) <= 0)
		return lost(w);
	if (rf_compare_next(w->compare, w->runs, w->run_count, sums, m->count, wanted, &w->err))
		return -1;
	return answer(wanted, m->count) ? lost(w) : 0;
}

static int on_layout(struct writer *w, const struct rf_writer_message *m)
{
	struct rf_compared result;

	(void)m;
	if (!w->compare || w->laid_out)
		return rf_error_set(&w->err, EPROTO, "the place of pages is known");
	if (rf_compare_result(w->compare, &result, &w->err) ||
	    rf_h5file_table(w->file, RF_TABLE_RUNS, result.runs, result.run_count, &w->err) ||
	    rf_h5file_sources(w->file, result.sources, result.source_count, &w->err))
		return -1;
	return layout(w, result.pages);
}

static int take_sums(struct writer *w, uint64_t n)
{
	if (!w->sums || n > w->pages - w->sum_count)
		return rf_error_set(&w->err, EPROTO, "more pages than the table of runs has");
	if (receive(w->sums + w->sum_count, n * sizeof(*w->sums)) <= 0)
		return lost(w);
	w->sum_count += n;
	return 0;
}

static int on_sums(struct writer *w, const struct rf_writer_message *m)
{
	return take_sums(w, m->count);
}

static int on_pages(struct writer *w, const struct rf_writer_message *m)
{
	if (!w->laid_out || !w->stream)
		return rf_error_set(&w->err, EPROTO, "pages are not expected");
	if (w->compare) {
		if (m->count > w->pages - w->sum_count)
			return rf_error_set(&w->err, EPROTO, "more pages than were wanted");
		w->sum_count += m->count;
	} else if (take_sums(w, m->count))
		return -1;
	if (receive(w->buf, m->count * RF_PAGE_SIZE) <= 0)
		return lost(w);
	return rf_h5file_pages(w->file, w->buf, m->count, &w->err);
}

static int on_end(struct writer *w, const struct rf_writer_message *m)
{
	const struct rf_sum *sums = w->sums;

	(void)m;
	if (!w->laid_out || ((!w->compare || w->stream) && w->sum_count != w->pages))
		return rf_error_set(&w->err, EPROTO, "%llu of %llu pages have come",
				    (unsigned long long)w->sum_count, (unsigned long long)w->pages);
	if (w->compare) {
		struct rf_compared result;

		if (rf_compare_result(w->compare, &result, &w->err))
			return -1;
		sums = result.sums;
	}
	if (rf_h5file_finish(w->file, sums, w->no_fsync, &w->err))
		return -1;
	return reply(w, 0, 0) ? lost(w) : 0;
}

/* Closing now, with pages unread, would reset a TCP connection, and the answer would be lost. */
static void let_read(char *buf)
{
	const struct timeval limit = {LET_READ_S, 0};
	time_t end = time(NULL) + LET_READ_S;

	shutdown(RF_WRITER_FD, SHUT_WR);
	setsockopt(RF_WRITER_FD, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	while (buf && time(NULL) < end &&
	       recv(RF_WRITER_FD, buf, RF_WRITER_BATCH * RF_PAGE_SIZE, 0) > 0)
		;
}

static int serve(struct writer *w)
{
	static int (*const handlers[])(struct writer *, const struct rf_writer_message *) = {
		[RF_WRITER_TABLES] = on_tables, [RF_WRITER_COMPARE] = on_compare,
		[RF_WRITER_LAYOUT] = on_layout, [RF_WRITER_SUMS] = on_sums,
		[RF_WRITER_PAGES] = on_pages,	[RF_WRITER_END] = on_end,
	};
	struct rf_writer_message m;

	do {
		if (receive(&m, sizeof(m)) <= 0)
			return lost(w);
		if (m.kind > RF_WRITER_END || m.count > RF_WRITER_BATCH ||
		    (m.kind != RF_WRITER_TABLES && !w->file))
			return rf_error_set(&w->err, EPROTO, "a message of unknown kind");
		if (handlers[m.kind](w, &m))
			return -1;
	} while (m.kind != RF_WRITER_END);
	return 0;
}

static int parse(struct writer *w, int argc, char **argv)
{
	static const struct option options[] = {{"base", required_argument, NULL, 'b'},
						{"compress", required_argument, NULL, 'c'},
						{"attribute", required_argument, NULL, 'a'},
						{"no-fsync", no_argument, NULL, 'n'},
						{"stream", no_argument, NULL, 's'},
						{NULL, 0, NULL, 0}};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case 'b':
			w->base = optarg;
			break;
		case 'c':
			if (rf_codec_parse(optarg, &w->codec, &w->level, &w->err))
				return -1;
			break;
		case 'a':
			if (w->attributes == sizeof(w->attribute) / sizeof(*w->attribute))
				return rf_error_set(&w->err, E2BIG, "too many attributes");
			w->attribute[w->attributes++] = optarg;
			break;
		case 'n':
			w->no_fsync = 1;
			break;
		case 's':
			w->stream = 1;
			break;
		default:
			return rf_error_set(&w->err, EINVAL, "unknown option");
		}
	if (optind != argc - 1)
		return rf_error_set(&w->err, EINVAL, "one file is needed");
	w->path = argv[optind];
	w->stream |= w->codec != RF_CODEC_NONE;
	return 0;
}

int main(int argc, char **argv)
{
	static struct writer w;
	sigset_t none;
	int failed;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN); /* Ctrl-C reaches the captured process, which decides */
	w.buf = malloc(RF_WRITER_BATCH * RF_PAGE_SIZE);
	failed = w.buf ? parse(&w, argc, argv) : rf_error_set(&w.err, ENOMEM, "no memory");
	if (!failed)
		failed = serve(&w);
	/* the file goes before the answer: whoever reads the answer may look for it */
	rf_h5file_close(w.file);
	rf_compare_close(w.compare);
	if (failed && reply(&w, w.err.code ? w.err.code : EIO, 0) == 0 && w.stream)
		let_read(w.buf);
	free(w.runs);
	free(w.sums);
	free(w.buf);
	return failed ? 1 : 0;
}
