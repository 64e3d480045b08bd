/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * steps COUNT MS FILE: COUNT steps, of at least MS ms until there is a file FILE; in each a ring of
 * messages, whose content is checked, and a sum over all ranks, chained so that nothing can be lost
 * or done twice unnoticed. Rank 0 says "step N" before each; at the end each rank says its result.
 */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int rank, ranks, steps = argc > 1 ? atoi(argv[1]) : 100, ms = argc > 2 ? atoi(argv[2]) : 50;
	unsigned long chain = 0, term, sum;
	char text[64];
	int i;

	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &ranks);
	for (i = 0; i < steps; i++) {
		int out = rank * 100000 + i, in = -1, left = (rank + ranks - 1) % ranks;

		if (rank == 0) {
			printf("step %d\n", i);
			fflush(stdout);
		}
		MPI_Sendrecv(&out, 1, MPI_INT, (rank + 1) % ranks, 7, &in, 1, MPI_INT, left, 7,
			     MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		if (in != left * 100000 + i) {
			printf("rank %d: %d came in step %d from %d\n", rank, in, i, left);
			MPI_Abort(MPI_COMM_WORLD, 9);
		}
		term = (unsigned long)in * 31 + (unsigned long)i;
		MPI_Allreduce(&term, &sum, 1, MPI_UNSIGNED_LONG, MPI_SUM, MPI_COMM_WORLD);
		chain = chain * 6364136223846793005ul + sum;
		if (argc < 4 || access(argv[3], F_OK) != 0)
			usleep((useconds_t)ms * 1000);
	}
	/*
	 * mpirun passes on what ranks print in pieces, and those of one rank go between those of
	 * another, most often just before the end of a line, as what it gives ranks is a terminal.
	 * So a result begins a line by itself; and it waits until most of rank 0's steps have
	 * passed.
	 */
	MPI_Barrier(MPI_COMM_WORLD);
	usleep(200000);
	snprintf(text, sizeof(text), "\nrank %d: %lu\n", rank, chain);
	fputs(text, stdout);
	MPI_Finalize();
	return 0;
}
