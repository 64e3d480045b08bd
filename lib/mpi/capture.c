/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "mpi/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine/halves.h"
#include "image/context.h"
#include "image/image.h"
#include "mpi/link.h"
#include "mpi/owners.h"
#include "mpi/pids.h"
#include "mpi/places.h"
#include "snapshot/sink.h"

#define PATH_BYTES 4096
#define OBSTACLES  32 /* that are named; there may be more */

/* What the hooks look at. Not on the stack: it may be a small one of a signal handler. */
static struct {
	const struct rf_capture_options *options;
	int pipe[2]; /* from the child that writes the file */
	int own_fd;
	const struct rf_image_hooks *hooks;
	struct rf_error *err;
} now = {NULL, {-1, -1}, -1, NULL, NULL};
static char stack[128 << 10] __attribute__((aligned(16))); /* a signal handler's may be small */
static struct rf_snapshot_sink sink;
static unsigned lives;
static struct rf_obstacle obstacles[OBSTACLES];

/* Knows fds 0 to 2 before the program can exchange them. */
static __attribute__((constructor)) void remember_stdio(void)
{
	rf_image_init();
}

static int skip_thread(void *arg, int tid)
{
	(void)arg;
	return rf_engines_have_thread(tid);
}

static int skip_fd(void *arg, int fd)
{
	(void)arg;
	return fd == now.own_fd || (now.options && fd == now.options->socket) ||
	       fd == now.pipe[0] || fd == now.pipe[1] || rf_engines_have_fd(fd);
}

/* All threads are stopped. One inside the engine could not go on in a restored process. */
static int section(void *arg, const void **bytes, uint64_t *n, struct rf_error *err)
{
	int tid = rf_engines_inside();

	(void)arg;
	if (tid)
		return rf_error_set(err, EAGAIN, "thread %d is inside an MPI call", tid);
	*bytes = now.options->section;
	*n = now.options->section ? now.options->section_bytes : 0;
	return 0;
}

static void set_hooks(struct rf_image_hooks *hooks, struct rf_range *windows, int own_fd)
{
	rf_engines_range(&windows->start, &windows->end);
	*hooks = (struct rf_image_hooks){.exclude = windows,
					 .exclude_count = 1,
					 .skip_thread = skip_thread,
					 .skip_fd = skip_fd};
	now.own_fd = own_fd;
	now.pipe[0] = now.pipe[1] = -1;
}

static unsigned long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (unsigned long)t.tv_sec * 1000000000ul + (unsigned long)t.tv_nsec;
}

static int name_file(char path[PATH_BYTES], const char *directory, int rank, int round,
		     struct rf_error *err)
{
	int n = round < 0
			? snprintf(path, PATH_BYTES, "%s/rank-%06d.h5", directory, rank)
			: snprintf(path, PATH_BYTES, "%s/rank-%06d.%d.h5", directory, rank, round);

	if (n < PATH_BYTES)
		return 0;
	return rf_error_set(err, ENAMETOOLONG, "the path of an image is too long: %s", directory);
}

static int open_sink(const struct rf_capture_options *options, struct rf_error *err)
{
	static char path[PATH_BYTES], base[PATH_BYTES], rank[32];
	static const char *const attributes[] = {rank, NULL};
	struct rf_snapshot_options file = {.writer = rf_place_writer(),
					   .path = path,
					   .base = options->base ? base : NULL,
					   .compress = options->compress,
					   .attributes = attributes,
					   .no_fsync = options->no_fsync,
					   .socket = options->socket,
					   .cancelled = options->sync ? rf_link_cancelled : NULL};

	snprintf(rank, sizeof(rank), "rank=%d", options->rank);
	if (name_file(path, options->directory, options->rank, options->round, err) ||
	    (options->base &&
	     name_file(base, options->base, options->rank, options->base_round, err)))
		return -1;
	return rf_snapshot_sink_open(&sink, &file, err);
}

/* Closes what is open of the pipe, but for the reading end if `keep`. */
static int close_pipe(int keep)
{
	int fd = now.pipe[0];

	if (now.pipe[1] >= 0)
		close(now.pipe[1]);
	if (fd >= 0 && !keep)
		close(fd);
	now.pipe[0] = now.pipe[1] = -1;
	return keep ? fd : -1;
}

static unsigned flags(const struct rf_capture_options *o)
{
	int memory = o->round >= 0;
	int track = o->keep || ((o->base || memory) && !o->sums);

	return (o->sync ? RF_IMAGE_SYNC : 0) | (memory ? RF_IMAGE_MEMORY : 0) |
	       (track ? RF_IMAGE_TRACK : 0) | (o->keep ? RF_IMAGE_KEEP : 0) |
	       (o->sums ? RF_IMAGE_SUMS : 0);
}

static int take(void *arg)
{
	(void)arg;
	return rf_image_capture(&sink.sink, flags(now.options), now.hooks, now.err);
}

static int capture(struct rf_image_hooks *hooks, struct rf_capture_result *result,
		   struct rf_error *err)
{
	unsigned long begin;
	int ret, sync = now.options->sync;

	if (!sync && pipe2(now.pipe, O_CLOEXEC | O_NONBLOCK))
		return rf_error_errno(err, "cannot make a pipe for the snapshot");
	hooks->report = sync ? 0 : now.pipe[1];
	begin = now_ns();
	now.hooks = hooks;
	now.err = err;
	ret = rf_context_call(take, NULL, stack + sizeof(stack));
	result->pause_ns = now_ns() - begin;
	if (ret == 1) {
		now.pipe[0] = now.pipe[1] = -1;
		return 1;
	}
	result->fd = close_pipe(ret == 0 && !sync);
	if (ret == 0 && sync)
		snprintf(result->sizes, sizeof(result->sizes), RF_IMAGE_SIZES,
			 (unsigned long long)sink.sink.given * RF_PAGE_SIZE,
			 (unsigned long long)sink.sink.total * RF_PAGE_SIZE);
	return ret;
}

/* An image of memory alone needs no engine to stand still: it has nothing of any. */
int rf_capture(const struct rf_capture_options *options, struct rf_capture_result *result,
	       struct rf_error *err)
{
	struct rf_image_hooks hooks;
	struct rf_range windows;
	int ret;

	*result = (struct rf_capture_result){.fd = -1};
	set_hooks(&hooks, &windows, options->own_fd);
	now.options = options;
	if (open_sink(options, err))
		return -1;
	if (options->round >= 0)
		return capture(&hooks, result, err);
	hooks.section = section;
	hooks.save_files = options->save_files;
	if (rf_engines_freeze(err))
		return -1;
	ret = capture(&hooks, result, err);
	if (ret == 1) {
		lives++;
		rf_engines_forget();
		rf_pids_restored();
		rf_owners_restored();
	}
	rf_engines_thaw();
	return ret;
}

void rf_capture_cancel(void)
{
	rf_image_cancel();
}

static int fence(void *arg)
{
	(void)arg;
	return rf_image_fence(now.hooks, now.err);
}

int rf_capture_fence(int own_fd, struct rf_error *err)
{
	struct rf_image_hooks hooks;
	struct rf_range windows;

	now.options = NULL;
	set_hooks(&hooks, &windows, own_fd);
	now.hooks = &hooks;
	now.err = err;
	return rf_context_call(fence, NULL, stack + sizeof(stack));
}

int rf_capture_outcome(int fd, int wait_ms, struct rf_error *err)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	struct rf_error end;
	ssize_t n;

	while (poll(&p, 1, wait_ms) < 0)
		if (errno != EINTR)
			return rf_error_errno(err, "cannot wait for the snapshot's file");
	if (!p.revents)
		return 0;
	n = read(fd, &end, sizeof(end));
	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n != (ssize_t)sizeof(end))
		return rf_error_set(err, EIO, "the process that wrote the image was killed");
	end.text[sizeof(end.text) - 1] = '\0';
	return end.code ? rf_error_set(err, end.code, "%s", end.text) : 1;
}

int rf_capture_obstacles(int own_fd, void (*each)(void *arg, const char *text), void *arg,
			 struct rf_error *err)
{
	struct rf_image_hooks hooks;
	struct rf_range windows;
	int count;

	set_hooks(&hooks, &windows, own_fd);
	count = rf_image_check(&hooks, obstacles, OBSTACLES, err);
	for (int i = 0; i < count && i < OBSTACLES; i++)
		each(arg, obstacles[i].text);
	return count;
}

int rf_capture_exchange(const int files[3], struct rf_error *err)
{
	return rf_image_exchange(files, err);
}

char *const *rf_capture_environment(void)
{
	const struct rf_resume *resumed = rf_image_resumed();

	return resumed ? (char *const *)resumed->environment : NULL;
}

const char *rf_capture_getenv(const char *name)
{
	char *const *e = rf_capture_environment();
	size_t n = strlen(name);

	if (!e)
		return getenv(name);
	for (; *e; e++)
		if (strncmp(*e, name, n) == 0 && (*e)[n] == '=')
			return *e + n + 1;
	return NULL;
}

unsigned rf_capture_lives(void)
{
	return __atomic_load_n(&lives, __ATOMIC_ACQUIRE);
}

void rf_capture_go(void)
{
	rf_image_go();
}
