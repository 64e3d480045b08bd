/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pages MIB PERCENT STEPS MS FILE [LAST]: memory that changes. STEPS steps, of at least MS ms until
 * there is a file FILE. In each every rank overwrites pages of MIB MiB, so many that it is PERCENT
 * of them a second, and its neighbour's message lands in others; a thread of each rank does the
 * same to a part of its own, also while its main thread waits in MPI. What is written depends on
 * rank and step only, so all bytes at the end are those of any other run: each rank prints a sum
 * over them. With LAST only the last so many ranks have MIB MiB, the others 2, and there are no
 * messages.
 */
#include <mpi.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE  4096
#define WORDS (PAGE / 8)
#define BLOCK 64 /* pages of a message */

static int rank, ranks, steps, ms;
static const char *hurry;
static size_t pages, a_step;
static uint64_t *own, *other; /* of the main thread, and of the other one */

static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

static void fill(uint64_t *memory, size_t page, uint64_t seed)
{
	uint64_t *word = memory + page * WORDS;
	int i;

	seed = mix(seed);
	for (i = 0; i < WORDS; i++)
		word[i] = seed + (uint64_t)i * 0x2545f4914f6cdd1du;
}

static void change(uint64_t *memory, uint64_t who, int step)
{
	uint64_t random = mix(who << 32 | (uint64_t)step);
	size_t i;

	for (i = 0; i < a_step; i++) {
		random = mix(random);
		fill(memory, random % pages, random ^ (uint64_t)step);
	}
}

static void wait_a_step(void)
{
	if (access(hurry, F_OK) != 0)
		usleep((useconds_t)ms * 1000);
}

static void *changes(void *arg)
{
	int i;

	for (i = 0; i < steps; i++) {
		change(other, (uint64_t)rank + 1000, i);
		wait_a_step();
	}
	return arg;
}

static uint64_t sum(const uint64_t *memory)
{
	uint64_t s = 0;
	size_t i;

	for (i = 0; i < pages * WORDS; i++)
		s = (s ^ memory[i]) * 0x100000001b3u + (s >> 29);
	return s;
}

static void exchange(int step)
{
	size_t at = mix((uint64_t)step) % (pages - 2 * BLOCK);

	MPI_Sendrecv(own + at * WORDS, BLOCK * WORDS, MPI_UINT64_T, (rank + 1) % ranks, 3,
		     own + (at + BLOCK) * WORDS, BLOCK * WORDS, MPI_UINT64_T,
		     (rank + ranks - 1) % ranks, 3, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

int main(int argc, char **argv)
{
	pthread_t thread;
	int level, i, last;
	size_t page, mib;

	MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &level);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &ranks);
	if (argc < 6)
		MPI_Abort(MPI_COMM_WORLD, 2);
	mib = (size_t)atoi(argv[1]);
	steps = atoi(argv[3]);
	ms = atoi(argv[4]);
	hurry = argv[5];
	last = argc > 6 ? atoi(argv[6]) : ranks;
	pages = (rank >= ranks - last ? mib : 2) * 128; /* of each of the two */
	a_step = (size_t)((double)pages * atof(argv[2]) / 100 * ms / 1000);
	own = malloc(pages * PAGE);
	other = malloc(pages * PAGE);
	if (!own || !other)
		MPI_Abort(MPI_COMM_WORLD, 3);
	for (page = 0; page < pages; page++) {
		fill(own, page, (uint64_t)rank << 40 | page);
		fill(other, page, (uint64_t)rank << 40 | 1ul << 39 | page);
	}
	pthread_create(&thread, NULL, changes, NULL);
	for (i = 0; i < steps; i++) {
		if (rank == 0) {
			printf("step %d\n", i);
			fflush(stdout);
			wait_a_step(); /* the others wait for it in MPI */
		}
		change(own, (uint64_t)rank, i);
		if (last == ranks)
			exchange(i);
		MPI_Barrier(MPI_COMM_WORLD);
	}
	pthread_join(thread, NULL);
	printf("rank %d: %016lx %016lx\n", rank, sum(own), sum(other));
	MPI_Finalize();
	return 0;
}
