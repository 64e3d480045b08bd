/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * waves STEPS [BEGIN [MB [END]]]: messages around a ring and sums over all and over every other
 * rank, by turns; rank 0 prints a number that depends on all of them. `ready.RANK` is made in the
 * working directory when all is set up.
 *
 * With a file BEGIN ("-": none) the ranks sum up first, and rank 0 comes to that only when the file
 * exists: until then it computes, without MPI. With MB each rank has so much memory that looks the
 * same nowhere. With END there are more waves until that file exists, which change nothing.
 */
#include <mpi.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void say_ready(int number)
{
	char name[32];
	FILE *file;

	snprintf(name, sizeof(name), "ready.%d", number);
	file = fopen(name, "w");
	if (file)
		fclose(file);
}

static int rank, size;
static MPI_Comm half;

static bool exists(const char *file)
{
	return access(file, F_OK) == 0;
}

static long wave(long i, long sum)
{
	long mine = rank + i, theirs, all;
	volatile long spent = 0;
	MPI_Request request;
	long k;

	MPI_Isend(&mine, 1, MPI_LONG, (rank + 1) % size, 7, MPI_COMM_WORLD, &request);
	MPI_Recv(&theirs, 1, MPI_LONG, (rank + size - 1) % size, 7, MPI_COMM_WORLD,
		 MPI_STATUS_IGNORE);
	MPI_Wait(&request, MPI_STATUS_IGNORE);
	if (theirs != (rank + size - 1) % size + i) {
		fprintf(stderr, "rank %d, wave %ld: got %ld\n", rank, i, theirs);
		MPI_Abort(MPI_COMM_WORLD, 3);
	}
	sum = sum * 31 + theirs;
	for (k = 0; k < 1000; k++)
		spent += k;
	if (i % 10 == 0) {
		MPI_Allreduce(&sum, &all, 1, MPI_LONG, MPI_BXOR, i % 20 ? half : MPI_COMM_WORLD);
		sum ^= all;
	}
	return sum;
}

/* More of them, all of which see the end at the same time. */
static void go_on_until(const char *file, long i)
{
	int end = 0;

	while (!end) {
		wave(i++, 0);
		if (i % 100)
			continue;
		end = rank == 0 && exists(file);
		MPI_Bcast(&end, 1, MPI_INT, 0, MPI_COMM_WORLD);
	}
}

int main(int argc, char **argv)
{
	long steps = argc > 1 ? atol(argv[1]) : 1000, sum = 0, all, i;
	const char *begin = argc > 2 && strcmp(argv[2], "-") != 0 ? argv[2] : NULL;
	size_t words = argc > 3 ? (size_t)atol(argv[3]) << 17 : 0, w;
	unsigned long *memory = malloc(words * sizeof(*memory)), state = 88172645463325252UL;

	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &size);
	MPI_Comm_split(MPI_COMM_WORLD, rank % 2, rank, &half);
	for (w = 0; memory && w < words; w++) { /* Marsaglia's xorshift64 */
		state ^= state << 13;
		state ^= state >> 7;
		memory[w] = state ^= state << 17;
	}
	say_ready(rank);
	while (begin && rank == 0 && !exists(begin))
		usleep(1000);
	if (begin)
		MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_LONG, MPI_SUM, MPI_COMM_WORLD);
	for (i = 0; i < steps; i++)
		sum = wave(i, sum);
	if (argc > 4)
		go_on_until(argv[4], i);
	MPI_Reduce(&sum, &all, 1, MPI_LONG, MPI_BXOR, 0, MPI_COMM_WORLD);
	for (w = 0; memory && w < words; w += 512)
		state += memory[w];
	if (rank == 0)
		printf("%ld %lu\n", all, state);
	free(memory);
	MPI_Comm_free(&half);
	MPI_Finalize();
	return 0;
}
