/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "snapshot/sink.h"
#include "image/spawn.h"
#include "image/sys.h"
#include "snapshot/protocol.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

#define ANSWER_MS    120000  /* making tables, comparing */
#define COMPLETE_MS  3600000 /* the last answer comes after fsync, on whatever storage */
#define TAKEN_MS     8000    /* for what is sent to another host */
#define CANCEL_MS    20	     /* between looks whether the image is wanted */
#define FLUSH_BYTES  (64UL << 20)
#define GATHER_BYTES (64UL << 10)
#define ARGS_MAX     64

static int lost(struct rf_snapshot_sink *s, long code, struct rf_error *err)
{
	if (s->lent && (code == -EAGAIN || code == -ETIMEDOUT || code == -EHOSTUNREACH))
		return rf_error_set(err, ETIMEDOUT,
				    "the connection for its image to the other host is lost");
	if (s->lent)
		return rf_error_set(err, EPIPE,
				    "the process that takes its image on the other host has ended");
	return rf_error_set(err, code < 0 ? (int)-code : EPIPE,
			    "rankferry-writer ended while it wrote %s", s->args + s->path_at);
}

static int is_wanted(const struct rf_snapshot_sink *s, struct rf_error *err)
{
	if (!s->cancelled || !s->cancelled())
		return 1;
	rf_error_set(err, ECANCELED, "its image is not wanted any more");
	return 0;
}

/* Is the socket ready? 1; 0: not within the time; -1 and err: the image is not wanted any more. */
static long await(struct rf_snapshot_sink *s, short events, int timeout_ms, struct rf_error *err)
{
	struct pollfd wait = {.fd = s->socket, .events = events};
	long got = 0;
	int ms;

	for (; got <= 0 && timeout_ms > 0; timeout_ms -= got ? 0 : ms) {
		if (!is_wanted(s, err))
			return -1;
		ms = s->cancelled && timeout_ms > CANCEL_MS ? CANCEL_MS : timeout_ms;
		got = rf_sys(poll, &wait, 1, ms); /* or -EINTR */
	}
	return got > 0;
}

static int send_all(struct rf_snapshot_sink *s, const void *data, uint64_t n, int flags,
		    struct rf_error *err)
{
	const char *from = data;

	if (s->cancelled)
		flags |= MSG_DONTWAIT;
	while (n) {
		long got = rf_sys(sendto, s->socket, from, n, MSG_NOSIGNAL | flags, 0, 0);

		if (got == -EAGAIN && s->cancelled) {
			long ready = await(s, POLLOUT, TAKEN_MS, err);

			if (ready > 0)
				continue;
			return ready < 0 ? -1 : lost(s, got, err);
		}
		if (got == -EINTR)
			continue;
		if (got <= 0)
			return lost(s, got, err);
		from += got;
		n -= (uint64_t)got;
	}
	return 0;
}

static int put(struct rf_snapshot_sink *s, const void *data, uint64_t n, struct rf_error *err)
{
	return send_all(s, data, n, 0, err);
}

static int get(struct rf_snapshot_sink *s, void *to, uint64_t n, int timeout_ms,
	       struct rf_error *err)
{
	char *p = to;

	while (n) {
		long got = await(s, POLLIN, timeout_ms, err);

		if (got < 0)
			return -1;
		if (got == 0)
			return rf_error_set(err, ETIMEDOUT,
					    "rankferry-writer has not answered for %d s while it "
					    "wrote %s",
					    timeout_ms / 1000, s->args + s->path_at);
		got = rf_sys(recvfrom, s->socket, p, n, 0, 0, 0);
		if (got == -EINTR)
			continue;
		if (got <= 0)
			return lost(s, got, err);
		p += got;
		n -= (uint64_t)got;
	}
	return 0;
}

static int answer(struct rf_snapshot_sink *s, struct rf_writer_reply *reply, int timeout_ms,
		  struct rf_error *err)
{
	if (get(s, reply, sizeof(*reply), timeout_ms, err))
		return -1;
	reply->text[sizeof(reply->text) - 1] = 0;
	if (reply->code)
		return rf_error_set(err, reply->code, "%s", reply->text);
	return 0;
}

static int message(struct rf_snapshot_sink *s, enum rf_writer_kind kind, uint64_t pages,
		   struct rf_error *err)
{
	struct rf_writer_message m = {.kind = kind, .count = (uint32_t)pages};

	return put(s, &m, sizeof(m), err);
}

static int start(struct rf_sink *sink, struct rf_error *err)
{
	struct rf_snapshot_sink *s = (struct rf_snapshot_sink *)sink;
	/* file locks fail on some parallel file systems; the file is new and only the writer's */
	char *env[] = {(char *)"HDF5_USE_FILE_LOCKING=FALSE", NULL};
	char *argv[ARGS_MAX + 1];
	int pair[2], n = 0;
	long pid;

	if (s->socket >= 0)
		return 0;
	for (uint32_t at = 0; at < s->args_bytes && n < ARGS_MAX; n++) {
		argv[n] = s->args + at;
		at += (uint32_t)strlen(argv[n]) + 1;
	}
	argv[n] = NULL;
	pid = rf_sys(socketpair, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
	if (rf_sys_failed(pid))
		return rf_error_set(err, (int)-pid, "cannot make a socket for the snapshot");
	pid = rf_spawn(argv[0], argv, env, pair[1]);
	rf_sys(close, pair[1]);
	s->socket = s->sink.fds[0] = pair[0];
	if (pid < 0)
		return rf_error_set(err, (int)-pid, "cannot execute %s: error %d", argv[0],
				    (int)-pid);
	s->pid = (int)pid;
	return 0;
}

static int open_file(struct rf_snapshot_sink *s, uint64_t offset, struct rf_error *err)
{
	long fd = rf_sys(openat, AT_FDCWD, s->args + s->path_at, O_WRONLY | O_CLOEXEC, 0);

	if (rf_sys_failed(fd))
		return rf_error_set(err, (int)-fd, "cannot open %s: error %d", s->args + s->path_at,
				    (int)-fd);
	s->file = s->sink.fds[1] = (int)fd;
	s->offset = offset;
	return 0;
}

static int begin(struct rf_sink *sink, const struct rf_tables *t, struct rf_error *err)
{
	struct rf_snapshot_sink *s = (struct rf_snapshot_sink *)sink;
	struct rf_writer_message m = {.kind = RF_WRITER_TABLES,
				      .pages = t->pages,
				      .capture = sink->capture,
				      .since = sink->since};
	struct rf_writer_reply reply;

	for (int i = 0; i < RF_TABLES; i++)
		m.table[i] = t->table[i].count;
	if (put(s, &m, sizeof(m), err))
		return -1;
	for (int i = 0; i < RF_TABLES; i++)
		if (put(s, t->table[i].data, t->table[i].count * rf_record_size((enum rf_table)i),
			err))
			return -1;
	if (answer(s, &reply, ANSWER_MS, err))
		return -1;
	s->stream = reply.stream;
	s->sink.comparing = (int)reply.compare;
	s->sink.tracking = (int)reply.tracking;
	return reply.compare || reply.stream ? 0 : open_file(s, reply.offset, err);
}

_Static_assert(RF_SNAPSHOT_HELD <= RF_WRITER_BATCH, "one message holds what is held back");

/* Gets the answer that is still to come. One at most: then neither side ever waits for the other to
 * read, while the writer looks at one batch and this side sums up the next. */
static int take_answer(struct rf_snapshot_sink *s, struct rf_error *err)
{
	uint32_t n = s->asked;

	s->asked = 0;
	return n ? get(s, s->answer, n, ANSWER_MS, err) : 0;
}

/* Sends the checksums that were held back. */
static int flush_sums(struct rf_snapshot_sink *s, struct rf_error *err)
{
	uint32_t n = s->held;

	if (!n)
		return 0;
	s->held = 0;
	if (message(s, s->wanted ? RF_WRITER_COMPARE : RF_WRITER_SUMS, n, err) ||
	    put(s, s->sums, n * sizeof(*s->sums), err) || take_answer(s, err))
		return -1;
	if (s->wanted) {
		s->answer = s->wanted;
		s->asked = n;
	}
	s->wanted = NULL;
	return 0;
}

static int hold_sums(struct rf_snapshot_sink *s, const struct rf_sum *sums, uint64_t n,
		     struct rf_error *err)
{
	if (s->held + n > RF_SNAPSHOT_HELD && flush_sums(s, err))
		return -1;
	memcpy(s->sums + s->held, sums, n * sizeof(*sums));
	s->held += (uint32_t)n;
	return 0;
}

static int compare(struct rf_sink *sink, const struct rf_sum *sums, uint64_t n, uint8_t *wanted,
		   struct rf_error *err)
{
	struct rf_snapshot_sink *s = (struct rf_snapshot_sink *)sink;
	struct rf_writer_reply reply;

	if (!is_wanted(s, err))
		return -1;
	if (n) {
		if (hold_sums(s, sums, n, err))
			return -1;
		if (!s->wanted)
			s->wanted = wanted;
		return 0;
	}
	if (flush_sums(s, err) || take_answer(s, err))
		return -1;
	if (message(s, RF_WRITER_LAYOUT, 0, err) || answer(s, &reply, ANSWER_MS, err))
		return -1;
	return s->stream ? 0 : open_file(s, reply.offset, err);
}

static int write_error(const struct rf_snapshot_sink *s, long got, struct rf_error *err)
{
	if (got == -EFBIG) { /* the signal is blocked; it must not end the process later */
		struct timespec now = {0, 0};
		uint64_t signal = 1UL << (SIGXFSZ - 1);

		rf_sys(rt_sigtimedwait, &signal, NULL, &now, sizeof(signal));
	}
	return rf_error_set(err, got ? (int)-got : ENOSPC, "cannot write %s: %s",
			    s->args + s->path_at,
			    got == -ENOSPC || got == 0 ? "the disk is full"
			    : got == -EDQUOT	       ? "the quota is used up"
			    : got == -EFBIG	       ? "the limit on file sizes is reached"
			    : got == -EFAULT	       ? "memory has gone"
						       : "write error");
}

/* Writes what was gathered. */
static int flush_pages(struct rf_snapshot_sink *s, struct rf_error *err)
{
	struct iovec *v = s->gathered;

	while (s->gathers) {
		long got = rf_sys(pwritev, s->file, v, s->gathers, s->offset + s->written, 0);

		if (got == -EINTR)
			continue;
		if (got <= 0)
			return write_error(s, got, err);
		s->written += (uint64_t)got;
		for (; s->gathers && (size_t)got >= v->iov_len; s->gathers--)
			got -= (long)v++->iov_len;
		if (s->gathers) {
			v->iov_base = (char *)v->iov_base + got;
			v->iov_len -= (size_t)got;
		}
	}
	if (s->written - s->flushed >= FLUSH_BYTES) { /* so that the last fsync has little to do */
		rf_sys(sync_file_range, s->file, s->offset + s->flushed, s->written - s->flushed,
		       SYNC_FILE_RANGE_WRITE);
		s->flushed = s->written;
	}
	return 0;
}

/* Few pages wait for others: they stay as they are until the end. Many are written at once, while
 * they are in the cache. */
static int write_pages(struct rf_snapshot_sink *s, const char *data, uint64_t bytes,
		       struct rf_error *err)
{
	s->gathered[s->gathers++] = (struct iovec){(void *)data, bytes};
	return s->gathers == RF_SNAPSHOT_GATHER || bytes >= GATHER_BYTES ? flush_pages(s, err) : 0;
}

/* While pages are sent the writer answers only if it can not go on, and reads no more of them. */
static int objection(struct rf_snapshot_sink *s, struct rf_error *err)
{
	struct rf_writer_reply reply;
	char byte;

	if (rf_sys(recvfrom, s->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT, 0, 0) == -EAGAIN)
		return 0;
	return answer(s, &reply, ANSWER_MS, err) ? -1 : lost(s, 0, err);
}

static int pages(struct rf_sink *sink, const void *data, const struct rf_sum *sums, uint64_t n,
		 struct rf_error *err)
{
	struct rf_snapshot_sink *s = (struct rf_snapshot_sink *)sink;

	if (!is_wanted(s, err)) /* a fast other side is never waited for */
		return -1;
	if (s->stream) {
		struct rf_writer_message m = {.kind = RF_WRITER_PAGES, .count = (uint32_t)n};

		return objection(s, err) || send_all(s, &m, sizeof(m), MSG_MORE, err) ||
				       (sums &&
					send_all(s, sums, n * sizeof(*sums), MSG_MORE, err)) ||
				       put(s, data, n * RF_PAGE_SIZE, err)
			       ? -1
			       : 0;
	}
	if (write_pages(s, data, n * RF_PAGE_SIZE, err))
		return -1;
	return sums ? hold_sums(s, sums, n, err) : 0;
}

static void finish(struct rf_snapshot_sink *s)
{
	if (s->file >= 0)
		rf_sys(close, s->file);
	if (s->socket >= 0 && !s->lent)
		rf_sys(close, s->socket);
	s->file = s->socket = s->sink.fds[0] = s->sink.fds[1] = -1;
	if (s->pid > 0)
		while (rf_sys(wait4, s->pid, NULL, __WALL, NULL) == -EINTR)
			;
	s->pid = 0;
}

static int end(struct rf_sink *sink, struct rf_error *err)
{
	struct rf_snapshot_sink *s = (struct rf_snapshot_sink *)sink;
	struct rf_writer_reply reply;

	if (flush_pages(s, err) || flush_sums(s, err) || message(s, RF_WRITER_END, 0, err) ||
	    answer(s, &reply, COMPLETE_MS, err))
		return -1;
	finish(s);
	return 0;
}

/* The writer removes its file when the socket closes before the end. */
static void give_up(struct rf_sink *sink)
{
	struct rf_snapshot_sink *s = (struct rf_snapshot_sink *)sink;

	finish(s);
}

static int add_arg(struct rf_snapshot_sink *s, const char *text)
{
	size_t n = strlen(text) + 1;

	if (n > sizeof(s->args) - s->args_bytes)
		return -1;
	memcpy(s->args + s->args_bytes, text, n);
	s->args_bytes += (uint32_t)n;
	return 0;
}

int rf_snapshot_sink_open(struct rf_snapshot_sink *s, const struct rf_snapshot_options *o,
			  struct rf_error *err)
{
	int failed;

	memset(s, 0, sizeof(*s));
	s->sink = (struct rf_sink){.size = sizeof(*s),
				   .fds = {-1, -1, -1, -1},
				   .start = start,
				   .begin = begin,
				   .compare = compare,
				   .pages = pages,
				   .end = end,
				   .abort = give_up};
	s->socket = o->socket > 0 ? o->socket : -1;
	s->lent = o->socket > 0;
	s->cancelled = s->lent ? o->cancelled : NULL;
	s->sink.fds[0] = s->socket;
	s->file = -1;
	failed = add_arg(s, o->writer);
	if (o->base)
		failed |= add_arg(s, "--base") | add_arg(s, o->base);
	if (o->compress)
		failed |= add_arg(s, "--compress") | add_arg(s, o->compress);
	for (int i = 0; o->attributes && o->attributes[i]; i++)
		failed |= add_arg(s, "--attribute") | add_arg(s, o->attributes[i]);
	if (o->no_fsync)
		failed |= add_arg(s, "--no-fsync");
	s->path_at = s->args_bytes;
	failed |= add_arg(s, o->path);
	if (failed)
		return rf_error_set(err, ENAMETOOLONG, "the path of the snapshot is too long");
	return 0;
}
