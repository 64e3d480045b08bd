/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What every program of the corpus shares: start and end, checks that name what they expected, data
 * that the receiver can compute for itself, and a checksum of what was received.
 *
 * A program repeats its body corpus_rounds times (CORPUS_ITERATIONS in the environment) and keeps
 * its communicators, types and requests from one round to the next: a message that is lost, doubled
 * or overtaken between two rounds, by whatever happens to the job in between, is then found.
 */
#ifndef CORPUS_H
#define CORPUS_H

#include <mpi.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* gcc takes Open MPI's sentinels (MPI_UNWEIGHTED, MPI_STATUSES_IGNORE) for arrays that are too
 * short */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wstringop-overread"
#pragma GCC diagnostic ignored "-Wstringop-overflow"
#pragma GCC diagnostic ignored "-Wnonnull"
#endif

#define CORPUS_UNUSED __attribute__((unused))

static int corpus_rank CORPUS_UNUSED = -1;
static int corpus_size CORPUS_UNUSED;
static long corpus_rounds CORPUS_UNUSED = 3;
static uint64_t corpus_sum CORPUS_UNUSED = UINT64_C(0xcbf29ce484222325);

/* End the process, and with it the job, unless got == want (any integer type). */
#define CHECK_INT(got, want)                                                                       \
	do {                                                                                       \
		long long g_ = (long long)(got), w_ = (long long)(want);                           \
		if (g_ != w_)                                                                      \
			corpus_fail(__FILE__, __LINE__, #got, g_, w_);                             \
	} while (0)

/* End the process unless the condition holds; the message says what was expected. */
#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition))                                                                  \
			corpus_fail_text(__FILE__, __LINE__, #condition);                          \
	} while (0)

/* End the process unless two strings are equal. */
#define CHECK_STR(got, want)                                                                       \
	do {                                                                                       \
		const char *g_ = (got), *w_ = (want);                                              \
		if (strcmp(g_, w_) != 0) {                                                         \
			fprintf(stderr, "corpus: %s:%d: rank %d: %s is \"%s\", expected \"%s\"\n", \
				__FILE__, __LINE__, corpus_rank, #got, g_, w_);                    \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)

static CORPUS_UNUSED void corpus_fail(const char *file, int line, const char *what, long long got,
				      long long want)
{
	fprintf(stderr, "corpus: %s:%d: rank %d: %s is %lld, expected %lld\n", file, line,
		corpus_rank, what, got, want);
	_exit(1);
}

static CORPUS_UNUSED void corpus_fail_text(const char *file, int line, const char *what)
{
	fprintf(stderr, "corpus: %s:%d: rank %d: expected %s\n", file, line, corpus_rank, what);
	_exit(1);
}

/* The next number of a seeded sequence (splitmix64, Steele, Lea and Flood 2014). */
static CORPUS_UNUSED uint64_t corpus_random(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* Element i of what rank `who` sends in a round: non-negative, below 2^20, known to both sides. */
static CORPUS_UNUSED int corpus_value(int who, long round, int i)
{
	uint64_t state = ((uint64_t)(unsigned)who << 40) ^ ((uint64_t)round << 20) ^ (unsigned)i;

	return (int)(corpus_random(&state) >> 44);
}

static CORPUS_UNUSED void corpus_fill(int *data, int count, int who, long round)
{
	for (int i = 0; i < count; i++)
		data[i] = corpus_value(who, round, i);
}

/* Add bytes to this rank's checksum (FNV-1a). Not for use by several threads at once. */
static CORPUS_UNUSED void corpus_add(const void *data, size_t size)
{
	const unsigned char *p = (const unsigned char *)data;

	for (size_t i = 0; i < size; i++)
		corpus_sum = (corpus_sum ^ p[i]) * UINT64_C(0x100000001b3);
}

static CORPUS_UNUSED void corpus_add_int(long long value)
{
	corpus_add(&value, sizeof(value));
}

/* Check that data is what corpus_fill() made, and add it to the checksum. */
static CORPUS_UNUSED void corpus_expect(const int *data, int count, int who, long round)
{
	for (int i = 0; i < count; i++)
		if (data[i] != corpus_value(who, round, i)) {
			fprintf(stderr,
				"corpus: rank %d: round %ld: element %d of %d from %d is %d, "
				"expected %d\n",
				corpus_rank, round, i, count, who, data[i],
				corpus_value(who, round, i));
			_exit(1);
		}
	corpus_add(data, (size_t)count * sizeof(*data));
}

/* Read the environment and this rank's place; call after any form of MPI_Init. */
static CORPUS_UNUSED void corpus_start(void)
{
	const char *rounds = getenv("CORPUS_ITERATIONS");

	if (rounds != NULL && atol(rounds) > 0)
		corpus_rounds = atol(rounds);
	MPI_Comm_rank(MPI_COMM_WORLD, &corpus_rank);
	MPI_Comm_size(MPI_COMM_WORLD, &corpus_size);
}

static CORPUS_UNUSED void corpus_init(int *argc, char ***argv)
{
	CHECK_INT(MPI_Init(argc, argv), MPI_SUCCESS);
	corpus_start();
}

/* Values go round in a ring, so often as rounds are asked for: for a program whose own body is done
 * once, between what it sets up and what must still be so. */
static CORPUS_UNUSED void corpus_linger(void)
{
	int next = (corpus_rank + 1) % corpus_size;
	int last = (corpus_rank + corpus_size - 1) % corpus_size;

	for (long round = 0; round < corpus_rounds; round++) {
		int out = corpus_value(corpus_rank, round, 0), in = -1;

		CHECK_INT(MPI_Sendrecv(&out, 1, MPI_INT, next, 9, &in, 1, MPI_INT, last, 9,
				       MPI_COMM_WORLD, MPI_STATUS_IGNORE),
			  MPI_SUCCESS);
		CHECK_INT(in, corpus_value(last, round, 0));
		corpus_add_int(in);
	}
}

/* Rank 0 prints the checksum of every rank, in order. */
static CORPUS_UNUSED void corpus_report(void)
{
	uint64_t *sums = (uint64_t *)calloc((size_t)corpus_size, sizeof(*sums));

	CHECK(sums != NULL);
	CHECK_INT(
		MPI_Gather(&corpus_sum, 1, MPI_UINT64_T, sums, 1, MPI_UINT64_T, 0, MPI_COMM_WORLD),
		MPI_SUCCESS);
	for (int i = 0; corpus_rank == 0 && i < corpus_size; i++)
		printf("rank %d checksum %016" PRIx64 "\n", i, sums[i]);
	fflush(stdout);
	free(sums);
}

static CORPUS_UNUSED int corpus_finish(void)
{
	corpus_report();
	CHECK_INT(MPI_Finalize(), MPI_SUCCESS);
	return 0;
}

/* A directory of this run, the same for all ranks (CORPUS_TMP); the runner makes and removes it. */
static CORPUS_UNUSED const char *corpus_tmp(void)
{
	const char *dir = getenv("CORPUS_TMP");

	return dir ? dir : ".";
}

/* The path of a file in that directory; the string lives until the next call. */
static CORPUS_UNUSED char *corpus_path(const char *name)
{
	static char path[4096];

	snprintf(path, sizeof(path), "%s/%s", corpus_tmp(), name);
	return path;
}

#endif
