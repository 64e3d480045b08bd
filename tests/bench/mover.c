/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mover MIB RATE STOP: each rank has MIB of random bytes, changes RATE per cent of their pages in a
 * second, and makes a small MPI_Allreduce some hundred times a second, until the file STOP is
 * there. A turn that took more than 20 ms is printed: "gap RANK MILLISECONDS".
 */
#include <mpi.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define PAGE  4096
#define LONG  0.02
#define PAUSE 3000000 /* ns */

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t next(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

int main(int argc, char **argv)
{
	const struct timespec nap = {0, PAUSE};
	uint64_t x = 88172645463325252ull, *memory;
	size_t pages, words;
	double began, last, rate, changed = 0;
	int rank, stop = 0, all = 0;

	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	if (argc != 4)
		MPI_Abort(MPI_COMM_WORLD, 2);
	pages = (size_t)atol(argv[1]) << 8;
	rate = atof(argv[2]) / 100 * (double)pages;
	words = pages * (PAGE / sizeof(*memory));
	memory = aligned_alloc(PAGE, pages * PAGE);
	if (!memory)
		MPI_Abort(MPI_COMM_WORLD, 3);
	x += (uint64_t)rank;
	for (size_t i = 0; i < words; i++)
		memory[i] = next(&x);
	MPI_Barrier(MPI_COMM_WORLD);
	if (rank == 0)
		printf("ready\n");
	fflush(stdout);
	for (began = last = now(); !all;) {
		double t;

		nanosleep(&nap, NULL);
		for (; changed < (now() - began) * rate; changed++)
			memory[next(&x) % pages * (PAGE / sizeof(*memory))] = x;
		stop = access(argv[3], F_OK) == 0;
		MPI_Allreduce(&stop, &all, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
		t = now();
		if (t - last > LONG) {
			printf("gap %d %.1f\n", rank, (t - last) * 1e3);
			fflush(stdout);
		}
		last = t;
	}
	MPI_Finalize();
	return 0;
}
