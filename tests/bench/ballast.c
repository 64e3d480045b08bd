/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What snapshots are measured with. ballast DIRECTORY MIB: each rank has so much random data, and
 * tells what this machine does with it: "raw MS" to write it to a file in DIRECTORY with fsync, all
 * ranks at once, and "fork MS" for a bare fork; then "ready". When there is a file
 * DIRECTORY/change, one page in a hundred gets a new word, and "changed" is told. ballast DIRECTORY
 * 0: the ranks exchange small messages as fast as they can. Both end when there is a file
 * DIRECTORY/end.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <mpi.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PIECE ((size_t)1 << 20)

static int rank, size;
static const char *directory;
static uint64_t *data;
static size_t bytes;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static void fail(const char *what)
{
	perror(what);
	MPI_Abort(MPI_COMM_WORLD, 1);
}

static void scramble(size_t step)
{
	static uint64_t x = 88172645463325252u;

	x += (uint64_t)rank;
	for (size_t i = 0; i < bytes / 8; i += step) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		data[i] = x;
	}
}

/* The longest of all ranks, in rank 0. */
static void tell(const char *what, double ms)
{
	double most;

	MPI_Reduce(&ms, &most, 1, MPI_DOUBLE, MPI_MAX, 0, MPI_COMM_WORLD);
	if (rank == 0)
		printf("%s %.3f\n", what, most);
	fflush(stdout);
}

static double raw_write(void)
{
	char path[4096];
	double start;
	int fd;

	snprintf(path, sizeof(path), "%s/raw.%d", directory, rank);
	MPI_Barrier(MPI_COMM_WORLD);
	start = now();
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	for (size_t at = 0; at < bytes;) {
		ssize_t n = write(fd, (char *)data + at, bytes - at < PIECE ? bytes - at : PIECE);

		if (n <= 0)
			fail(path);
		at += (size_t)n;
	}
	if (fsync(fd) || close(fd))
		fail(path);
	start = now() - start;
	unlink(path);
	return start;
}

static double bare_fork(void)
{
	double start, took;
	pid_t pid;

	MPI_Barrier(MPI_COMM_WORLD);
	start = now();
	pid = fork();
	if (pid == 0)
		_exit(0);
	took = now() - start;
	waitpid(pid, NULL, 0);
	return took;
}

/* Does rank 0 see the file? It is removed if `once`. */
static int asked(const char *what, int once)
{
	char path[4096];
	int found = 0;

	snprintf(path, sizeof(path), "%s/%s", directory, what);
	if (rank == 0)
		found = (once ? unlink(path) : access(path, F_OK)) == 0;
	MPI_Bcast(&found, 1, MPI_INT, 0, MPI_COMM_WORLD);
	return found;
}

static void carry(void)
{
	const struct timespec pause = {0, 5000000};

	data = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (data == MAP_FAILED)
		fail("mmap");
	scramble(1);
	raw_write(); /* the first one finds the file system's memory cold */
	for (int i = 0; i < 3; i++) {
		tell("raw", raw_write());
		tell("fork", bare_fork());
	}
	tell("ready", 0);
	while (!asked("end", 0)) {
		if (asked("change", 1)) {
			scramble(51200); /* a word in each hundredth page */
			tell("changed", 0);
		}
		nanosleep(&pause, NULL);
	}
}

static void exchange(void)
{
	enum { ROUND = 2000, WINDOW = 16 };
	int left = (rank + size - 1) % size, right = (rank + 1) % size;
	MPI_Request requests[2 * WINDOW];
	long in[WINDOW], out[WINDOW] = {0};

	tell("ready", 0);
	while (!asked("end", 0)) {
		for (int i = 0; i < ROUND; i++) {
			for (int k = 0; k < WINDOW; k++) {
				MPI_Irecv(&in[k], 1, MPI_LONG, left, k, MPI_COMM_WORLD,
					  &requests[k]);
				MPI_Isend(&out[k], 1, MPI_LONG, right, k, MPI_COMM_WORLD,
					  &requests[WINDOW + k]);
			}
			MPI_Waitall(2 * WINDOW, requests, MPI_STATUSES_IGNORE);
		}
	}
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	directory = argv[1];
	bytes = (size_t)atol(argv[2]) << 20;
	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &size);
	if (bytes)
		carry();
	else
		exchange();
	MPI_Finalize();
	return 0;
}
