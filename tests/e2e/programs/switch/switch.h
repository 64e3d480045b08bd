/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * For programs that get another engine while they run. change() may be called by all ranks when
 * nothing of theirs is under way but what the test is about. What it needs is in the directory
 * that SWITCH_DIR names: rank 0 asks there for a generation of donors, which t-switch.t starts.
 */
#ifndef SWITCH_H
#define SWITCH_H

#include <dlfcn.h>
#include <fcntl.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "mpi/direct.h"

static int rank, size, generation;

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "rank %d, generation %d, %s:%d: %s\n", rank, generation,   \
				__FILE__, __LINE__, #condition);                                   \
			_exit(9);                                                                  \
		}                                                                                  \
	} while (0)

static inline void leave_note(const char *what, int number, int which)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/%s.%d.%d", getenv("SWITCH_DIR"), what, number, which);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	CHECK(fd >= 0);
	close(fd);
}

static inline char **lent_environment(void)
{
	static char text[256 << 10], *entry[4096];
	struct timespec turn = {0, 2000000};
	char path[512];
	ssize_t length;
	int fd = -1, n = 0;

	snprintf(path, sizeof(path), "%s/lent.%d.%d", getenv("SWITCH_DIR"), generation, rank);
	for (int i = 0; i < 30000 && (fd = open(path, O_RDONLY)) < 0; i++)
		nanosleep(&turn, NULL);
	CHECK(fd >= 0);
	length = read(fd, text, sizeof(text) - 1);
	close(fd);
	CHECK(length > 0);
	for (char *at = text; at < text + length && n < 4095; at += strlen(at) + 1)
		entry[n++] = at;
	entry[n] = NULL;
	return entry;
}

static inline const struct rankferry_direct *direct(void)
{
	const struct rankferry_direct *(*find)(void) =
		(const struct rankferry_direct *(*)(void))dlsym(RTLD_DEFAULT, "rankferry_direct");

	CHECK(find);
	return find();
}

/* Nothing is checked about `why` but that there is none. */
static inline void change(void)
{
	char why[512] = "";

	MPI_Barrier(MPI_COMM_WORLD);
	generation++;
	if (rank == 0)
		leave_note("want", generation, 0);
	if (direct()->change(lent_environment(), why)) {
		fprintf(stderr, "rank %d: %s\n", rank, why);
		_exit(8);
	}
	if (generation > 1)
		leave_note("left", generation - 1, rank);
}

static inline void begin(int *argc, char ***argv)
{
	MPI_Init(argc, argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &size);
	CHECK(size >= 3);
}

static inline int end(const char *what)
{
	MPI_Barrier(MPI_COMM_WORLD);
	MPI_Finalize();
	if (generation)
		leave_note("left", generation, rank);
	if (rank == 0) {
		leave_note("end", 0, 0);
		printf("%s: %d changes\n", what, generation);
	}
	return 0;
}

#endif
