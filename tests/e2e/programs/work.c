/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * work STEPS THOUSANDS [FILE]: STEPS steps, in each of which every rank computes, THOUSANDS
 * thousand iterations (one thousand when there is a file FILE), and waits for the others. Rank 0
 * says "step N" before each. At the end each rank says whether what it has computed is what it must
 * be.
 */
#include <mpi.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define A 6364136223846793005u
#define C 1442695040888963407u

static volatile uint64_t seed = 1;

static uint64_t iterate(uint64_t x, uint64_t n)
{
	while (n-- > 0)
		x = x * A + C;
	return x;
}

/* The same by squaring. */
static uint64_t jump(uint64_t x, uint64_t n)
{
	uint64_t a = A, c = C;

	for (; n; n >>= 1) {
		if (n & 1)
			x = x * a + c;
		c = c * a + c;
		a *= a;
	}
	return x;
}

int main(int argc, char **argv)
{
	uint64_t all = 0, x, sum, mine, n;
	int rank, ranks, i, steps = argc > 1 ? atoi(argv[1]) : 10;
	int thousands = argc > 2 ? atoi(argv[2]) : 1000;
	double begun;

	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &ranks);
	x = seed + (uint64_t)rank;
	begun = MPI_Wtime();
	for (i = 0; i < steps; i++) {
		if (rank == 0) {
			printf("step %d\n", i);
			fflush(stdout);
		}
		n = 1000 * (uint64_t)(argc > 3 && access(argv[3], F_OK) == 0 ? 1 : thousands);
		x = iterate(x, n);
		all += n;
		mine = 1;
		MPI_Allreduce(&mine, &sum, 1, MPI_UINT64_T, MPI_SUM, MPI_COMM_WORLD);
		if (sum != (uint64_t)ranks)
			x = 0;
	}
	if (rank == 0)
		fprintf(stderr, "seconds: %.2f\n", MPI_Wtime() - begun);
	MPI_Barrier(MPI_COMM_WORLD);
	usleep(200000);
	printf("rank %d: %s\n", rank, x == jump(seed + (uint64_t)rank, all) ? "right" : "WRONG");
	MPI_Finalize();
	return 0;
}
