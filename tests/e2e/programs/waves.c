/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * waves STEPS [FILE]: messages around a ring and sums over all and over every other rank, by turns;
 * rank 0 prints a number that depends on all of them. With FILE the ranks sum up first, and rank 0
 * comes to that only when the file exists: until then it computes, without MPI. `ready.RANK` is made
 * in the working directory when the waves begin.
 */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void say_ready(int rank)
{
	char name[32];
	FILE *file;

	snprintf(name, sizeof(name), "ready.%d", rank);
	file = fopen(name, "w");
	if (file)
		fclose(file);
}

int main(int argc, char **argv)
{
	long steps = argc > 1 ? atol(argv[1]) : 1000, sum = 0, all, i, k;
	const char *file = argc > 2 ? argv[2] : NULL;
	MPI_Comm half;
	int rank, size;

	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &size);
	MPI_Comm_split(MPI_COMM_WORLD, rank % 2, rank, &half);
	say_ready(rank);
	while (file && rank == 0 && access(file, F_OK) != 0)
		usleep(1000);
	if (file)
		MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_LONG, MPI_SUM, MPI_COMM_WORLD);
	for (i = 0; i < steps; i++) {
		long mine = rank + i, theirs;
		volatile long spent = 0;
		MPI_Request request;

		MPI_Isend(&mine, 1, MPI_LONG, (rank + 1) % size, 7, MPI_COMM_WORLD, &request);
		MPI_Recv(&theirs, 1, MPI_LONG, (rank + size - 1) % size, 7, MPI_COMM_WORLD,
			 MPI_STATUS_IGNORE);
		MPI_Wait(&request, MPI_STATUS_IGNORE);
		sum = sum * 31 + theirs;
		for (k = 0; k < 1000; k++)
			spent += k;
		if (i % 10 == 0) {
			MPI_Allreduce(&sum, &all, 1, MPI_LONG, MPI_BXOR,
				      i % 20 ? half : MPI_COMM_WORLD);
			sum ^= all;
		}
	}
	MPI_Reduce(&sum, &all, 1, MPI_LONG, MPI_BXOR, 0, MPI_COMM_WORLD);
	if (rank == 0)
		printf("%ld\n", all);
	MPI_Comm_free(&half);
	MPI_Finalize();
	return 0;
}
