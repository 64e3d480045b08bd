/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hybrid [ROUNDS]: OpenMP and MPI. Every thread of a rank talks to the thread of the same number on
 * the next rank, all at once, on a communicator of its own (MPI_THREAD_MULTIPLE); the loops between
 * are OpenMP worksharing. All sums are of integers, so every run prints the same.
 */
#include <mpi.h>
#include <omp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { THREADS = 3, WORDS = 4096 };

static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 20, provided, rank, size;
	static uint64_t words[THREADS][WORDS];
	MPI_Comm comm[THREADS];

	MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &provided);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &size);
	if (provided < MPI_THREAD_MULTIPLE) {
		fprintf(stderr, "this MPI provides no MPI_THREAD_MULTIPLE\n");
		MPI_Abort(MPI_COMM_WORLD, 2);
	}
	for (int t = 0; t < THREADS; t++)
		MPI_Comm_dup(MPI_COMM_WORLD, &comm[t]);
	omp_set_dynamic(0);
	for (int round = 0; round < rounds; round++) {
		uint64_t sum = 0, all = 0;
		int team = 0;
#pragma omp parallel num_threads(THREADS) reduction(+ : sum)
		{
			int t = omp_get_thread_num();
			uint64_t own = 0, next = 0;
			MPI_Request request[2];

#pragma omp single
			team = omp_get_num_threads();
			for (int i = 0; i < WORDS; i++)
				words[t][i] = mix(words[t][i] + (uint64_t)(rank * THREADS + t + i));
			MPI_Sendrecv_replace(words[t], WORDS, MPI_UINT64_T, (rank + 1) % size, t,
					     (rank + size - 1) % size, t, comm[t],
					     MPI_STATUS_IGNORE);
			for (int i = 0; i < WORDS; i++)
				own += words[t][i];
			MPI_Irecv(&next, 1, MPI_UINT64_T, (rank + 1) % size, 99, comm[t],
				  &request[0]);
			MPI_Isend(&own, 1, MPI_UINT64_T, (rank + size - 1) % size, 99, comm[t],
				  &request[1]);
			MPI_Waitall(2, request, MPI_STATUSES_IGNORE);
			MPI_Allreduce(MPI_IN_PLACE, &own, 1, MPI_UINT64_T, MPI_BXOR, comm[t]);
			sum += own + next;
		}
#pragma omp parallel for num_threads(THREADS) schedule(dynamic, 64) reduction(+ : sum)
		for (int i = 0; i < THREADS * WORDS; i++)
			sum += mix(words[i / WORDS][i % WORDS]);
		MPI_Reduce(&sum, &all, 1, MPI_UINT64_T, MPI_SUM, 0, MPI_COMM_WORLD);
		if (rank == 0)
			printf("round %d: %d threads, sum %016llx\n", round, team,
			       (unsigned long long)all);
	}
	for (int t = 0; t < THREADS; t++)
		MPI_Comm_free(&comm[t]);
	MPI_Finalize();
	return 0;
}
