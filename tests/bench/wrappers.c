/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * wrappers [BATCHES]: what the shim's wrappers cost by themselves. The engine's functions are
 * replaced by one that does nothing; each is called past the wrapper and through it, in short
 * batches in turns. Prints the shortest batch of each, in nanoseconds for one call, so it works on
 * a machine that has other work. One rank, under rankferry run, gate in shared mode.
 */
#include <dlfcn.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "mpi/direct.h"

enum { CALLS = 1000 };

typedef int call(long, long, long, long, long, long, long);

static int nothing(long a, long b, long c, long d, long e, long f, long g)
{
	(void)a, (void)b, (void)c, (void)d, (void)e, (void)f, (void)g;
	return MPI_SUCCESS;
}

static const struct {
	const char *name;
	void *function;
	char kind[8]; /* of each argument: c communicator, t type, o operation, r request, - other
		       */
} tests[] = {
	{"MPI_Comm_rank", MPI_Comm_rank, "c-"},
	{"MPI_Send", MPI_Send, "--t--c"},
	{"MPI_Recv", MPI_Recv, "--t--c-"},
	{"MPI_Isend", MPI_Isend, "--t--cr"},
	{"MPI_Irecv", MPI_Irecv, "--t--cr"},
	{"MPI_Iprobe", MPI_Iprobe, "--c--"},
	{"MPI_Test", MPI_Test, "r--"},
	{"MPI_Wait", MPI_Wait, "r-"},
	{"MPI_Allreduce", MPI_Allreduce, "---toc"},
	{"MPI_Bcast", MPI_Bcast, "--t-c"},
	{"MPI_Barrier", MPI_Barrier, "c"},
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double batch(call *volatile *function, const long *a)
{
	double start = now();

	for (int i = 0; i < CALLS; i++)
		(*function)(a[0], a[1], a[2], a[3], a[4], a[5], a[6]);
	return (now() - start) / CALLS;
}

int main(int argc, char **argv)
{
	int batches = argc > 1 ? atoi(argv[1]) : 2000;
	const struct rankferry_direct *(*find)(void);
	const struct rankferry_direct *direct;
	/* an address in an engine, as requests have */
	MPI_Request request;
	static char pad[256];

	MPI_Init(&argc, &argv);
	*(void **)&find = dlsym(RTLD_DEFAULT, "rankferry_direct");
	if (!find) {
		fprintf(stderr, "wrappers: works only under rankferry run\n");
		return 1;
	}
	direct = find();
	request = (MPI_Request)direct->function("MPI_Send");
	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
		call *volatile past = nothing, *volatile through = (call *)tests[i].function;
		void **place = direct->parts->function(tests[i].name), *kept = *place;
		double least_past = 1e9, least_through = 1e9;
		long a[7] = {0};

		for (int n = 0; n < 7; n++) {
			switch (tests[i].kind[n]) {
			case 'c':
				a[n] = (long)MPI_COMM_WORLD;
				break;
			case 't':
				a[n] = (long)MPI_BYTE;
				break;
			case 'o':
				a[n] = (long)MPI_SUM;
				break;
			case 'r':
				a[n] = (long)&request;
				break;
			default:
				a[n] = (long)pad;
			}
		}
		*place = (void *)nothing;
		for (int b = 0; b < batches; b++) {
			double ns = batch(&past, a);

			least_past = ns < least_past ? ns : least_past;
			ns = batch(&through, a);
			least_through = ns < least_through ? ns : least_through;
		}
		*place = kept;
		printf("%-14s %6.2f ns past, %6.2f ns through: %+.2f ns\n", tests[i].name,
		       least_past, least_through, least_through - least_past);
	}
	MPI_Finalize();
	return 0;
}
