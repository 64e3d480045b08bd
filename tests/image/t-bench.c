/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Times of images of a process with argv[2] MiB of random data: by a raw write with the same fsync,
 * at once, by a child (the pause, and a bare fork), and against a base with one page in a hundred
 * changed. argv[3] is rankferry-writer.
 */
#include "take.h"
#include "snapshot/sink.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static size_t bytes;
static uint64_t *data;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

/* Processor time of this process and of children it has waited for: steadier than the clock on a
 * busy host */
static double cpu(void)
{
	struct rusage own, children;

	getrusage(RUSAGE_SELF, &own);
	getrusage(RUSAGE_CHILDREN, &children);
	return (double)(own.ru_utime.tv_sec + own.ru_stime.tv_sec + children.ru_utime.tv_sec +
			children.ru_stime.tv_sec) *
		       1e3 +
	       (double)(own.ru_utime.tv_usec + own.ru_stime.tv_usec + children.ru_utime.tv_usec +
			children.ru_stime.tv_usec) *
		       1e-3;
}

static void scramble(size_t step)
{
	static uint64_t x = 88172645463325252u;

	for (size_t i = 0; i < bytes / 8; i += step) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		data[i] = x;
	}
}

static double raw_write(const char *path)
{
	double start = now();
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	for (size_t at = 0; at < bytes;) {
		ssize_t n =
			write(fd, (char *)data + at, bytes - at < 1 << 20 ? bytes - at : 1 << 20);

		CHECK(n > 0);
		at += (size_t)n;
	}
	CHECK(fsync(fd) == 0 && close(fd) == 0);
	start = now() - start;
	unlink(path);
	return start;
}

static double bare_fork(void)
{
	double start = now(), took;
	int pid = fork(), status;

	if (pid == 0)
		_exit(0);
	took = now() - start;
	waitpid(pid, &status, 0);
	return took;
}

/* Milliseconds until the capture returns; the process goes on then. Ends when it is a restored one.
 */
static double image(const char *writer, const char *path, const char *base, unsigned flags)
{
	struct rf_snapshot_options options = {.writer = writer, .path = path, .base = base};
	struct rf_snapshot_sink sink;
	struct rf_error err = {0};
	double start = now();
	int r;

	r = rf_snapshot_sink_open(&sink, &options, &err);
	if (!r)
		r = rf_image_capture(&sink.sink, flags, NULL, &err);
	if (r == 1)
		_exit(0);
	start = now() - start;
	if (r == 0)
		r = rf_image_wait(-1, &err) - 1;
	if (r)
		fprintf(stderr, "%s\n", err.text);
	CHECK(r == 0);
	return start;
}

static double mib(const char *path)
{
	struct stat st;

	CHECK(stat(path, &st) == 0);
	return (double)st.st_size / (1 << 20);
}

int main(int argc, char **argv)
{
	char first[4096], other[4096];
	double raw, raw_cpu, sync_cpu, sync, fork_ms, pause, changed;

	take_init(argc, argv);
	CHECK(argc > 3);
	snprintf(first, sizeof(first), "%s.1", argv[1]);
	snprintf(other, sizeof(other), "%s.2", argv[1]);
	bytes = (size_t)atol(argv[2]) << 20;
	data = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	scramble(1);
	raw_write(other); /* the first one finds the memory of the file system cold */
	raw_cpu = cpu();
	raw = raw_write(other);
	raw_cpu = cpu() - raw_cpu;
	sync_cpu = cpu();
	sync = image(argv[3], first, NULL, RF_IMAGE_SYNC | RF_IMAGE_TRACK);
	sync_cpu = cpu() - sync_cpu;
	printf("raw write %.0f ms (cpu %.0f), image at once %.0f ms (cpu %.0f): %.0f %% of the "
	       "bandwidth, %.0f %% by cpu\n",
	       raw, raw_cpu, sync, sync_cpu, 100 * raw / sync, 100 * raw_cpu / sync_cpu);
	fork_ms = bare_fork();
	pause = image(argv[3], other, NULL, 0);
	printf("bare fork %.1f ms, pause for an image by a child %.1f ms\n", fork_ms, pause);
	unlink(other);
	scramble(51200); /* a word in each hundredth page */
	changed = image(argv[3], other, first, RF_IMAGE_SYNC | RF_IMAGE_TRACK);
	printf("1 %% of the pages changed: %.1f %% of the bytes, %.0f %% of the time\n",
	       100 * mib(other) / mib(first), 100 * changed / sync);
	return 0;
}
