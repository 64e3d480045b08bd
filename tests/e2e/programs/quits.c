/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * quits FILE CODE: steps until there is a file FILE; then rank 1 exits with CODE, or, if that is
 * negative, calls MPI_Abort() with -CODE. Rank 0 says "step N" before each step.
 */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int rank, i, code = argc > 2 ? atoi(argv[2]) : 3;

	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	for (i = 0;; i++) {
		if (rank == 0) {
			printf("step %d\n", i);
			fflush(stdout);
		}
		MPI_Barrier(MPI_COMM_WORLD);
		usleep(20000);
		if (rank != 1 || argc < 2 || access(argv[1], F_OK) != 0)
			continue;
		if (code < 0)
			MPI_Abort(MPI_COMM_WORLD, -code);
		exit(code);
	}
}
