/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * micro [direct] BATCHES: what MPI calls cost, on two ranks. Prints one line a batch: test, and
 * nanoseconds per operation; with `direct`, which works under rankferry only, two figures: the
 * engine's functions called past the shim, and the shim. Both are taken in one process, in turns of
 * a few milliseconds, so whatever else the machine does hits both alike. Last come the times of
 * MPI_Init and MPI_Finalize.
 */
#include <dlfcn.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mpi/direct.h"

enum { WINDOW = 64, LARGE = 1 << 20, DOUBLES = 65536 / 8 };

/* The functions and handles that a batch uses: the program's, or the engine's. */
struct mpi {
	__typeof__(&MPI_Send) send;
	__typeof__(&MPI_Recv) recv;
	__typeof__(&MPI_Isend) isend;
	__typeof__(&MPI_Irecv) irecv;
	__typeof__(&MPI_Waitall) waitall;
	__typeof__(&MPI_Allreduce) allreduce;
	__typeof__(&MPI_Comm_rank) comm_rank;
	MPI_Comm world;
	MPI_Datatype byte, real;
	MPI_Op sum;
	void (*enter)(void), (*leave)(void);
};

static char out[LARGE], in[LARGE];
static double terms[DOUBLES], sums[DOUBLES];
static int rank;

static void ping_pong(const struct mpi *m, int bytes, int n)
{
	for (int i = 0; i < n; i++) {
		if (rank == 0) {
			m->send(out, bytes, m->byte, 1, 1, m->world);
			m->recv(in, bytes, m->byte, 1, 1, m->world, MPI_STATUS_IGNORE);
		} else {
			m->recv(in, bytes, m->byte, 0, 1, m->world, MPI_STATUS_IGNORE);
			m->send(out, bytes, m->byte, 0, 1, m->world);
		}
	}
}

static void stream(const struct mpi *m, int bytes, int n)
{
	MPI_Request requests[WINDOW];

	for (int i = 0; i < n; i++) {
		for (int w = 0; w < WINDOW; w++) {
			if (rank == 0)
				m->isend(out, bytes, m->byte, 1, 1, m->world, &requests[w]);
			else
				m->irecv(in, bytes, m->byte, 0, 1, m->world, &requests[w]);
		}
		m->waitall(WINDOW, requests, MPI_STATUSES_IGNORE);
		if (rank == 0)
			m->recv(in, 0, m->byte, 1, 2, m->world, MPI_STATUS_IGNORE);
		else
			m->send(out, 0, m->byte, 0, 2, m->world);
	}
}

static void reduction(const struct mpi *m, int bytes, int n)
{
	for (int i = 0; i < n; i++)
		m->allreduce(terms, sums, bytes / 8, m->real, m->sum, m->world);
}

static void trivial(const struct mpi *m, int bytes, int n)
{
	int r;

	for (int i = 0; i < n; i++)
		m->comm_rank(m->world, &r);
	(void)bytes;
}

/* `per` operations are in one turn of the loop: both ways of a ping-pong, all messages of a window.
 */
static const struct test {
	const char *name;
	void (*run)(const struct mpi *m, int bytes, int n);
	int bytes, n, per;
} tests[] = {
	{"latency_8B", ping_pong, 8, 100, 2},	     {"transfer_1MiB", ping_pong, LARGE, 2, 2},
	{"message_window64", stream, 8, 6, WINDOW},  {"allreduce_8B", reduction, 8, 100, 1},
	{"allreduce_64KiB", reduction, 65536, 3, 1}, {"comm_rank", trivial, 0, 5000, 1},
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void nothing(void)
{
}

static double batch(const struct test *t, const struct mpi *m)
{
	double start;

	MPI_Barrier(MPI_COMM_WORLD);
	t->run(m, t->bytes, 1); /* the barrier's own tail is not measured */
	start = now();
	m->enter();
	t->run(m, t->bytes, t->n);
	m->leave();
	return (now() - start) / t->n / t->per;
}

static void *engine_function(const struct rankferry_direct *direct, const char *name)
{
	void *function = direct->function(name);

	if (!function) {
		fprintf(stderr, "micro: the engine has no %s\n", name);
		MPI_Abort(MPI_COMM_WORLD, 2);
	}
	return function;
}

static void measure_both(const struct mpi *shim, int batches)
{
	const struct rankferry_direct *(*find)(void);
	const struct rankferry_direct *direct;

	*(void **)&find = dlsym(RTLD_DEFAULT, "rankferry_direct");
	if (!find) {
		fprintf(stderr, "micro: `direct' works only under rankferry run\n");
		MPI_Abort(MPI_COMM_WORLD, 2);
	}
	direct = find();
	struct mpi engine = {
		.send = engine_function(direct, "MPI_Send"),
		.recv = engine_function(direct, "MPI_Recv"),
		.isend = engine_function(direct, "MPI_Isend"),
		.irecv = engine_function(direct, "MPI_Irecv"),
		.waitall = engine_function(direct, "MPI_Waitall"),
		.allreduce = engine_function(direct, "MPI_Allreduce"),
		.comm_rank = engine_function(direct, "MPI_Comm_rank"),
		.world = direct->handle(MPI_COMM_WORLD),
		.byte = direct->handle(MPI_BYTE),
		.real = direct->handle(MPI_DOUBLE),
		.sum = direct->handle(MPI_SUM),
		.enter = direct->enter,
		.leave = direct->leave,
	};
	for (int b = 0; b < batches; b++) {
		for (const struct test *t = tests; t < tests + sizeof(tests) / sizeof(*t); t++) {
			double past, through;

			if (b % 2 == 0) {
				past = batch(t, &engine);
				through = batch(t, shim);
			} else {
				through = batch(t, shim);
				past = batch(t, &engine);
			}
			if (rank == 0)
				printf("%s %.3f %.3f\n", t->name, past, through);
		}
	}
}

int main(int argc, char **argv)
{
	int direct = argc > 1 && strcmp(argv[1], "direct") == 0, size;
	int batches = argc > 1 + direct ? atoi(argv[1 + direct]) : 20;
	double start = now(), init;

	MPI_Init(&argc, &argv);
	init = now() - start;
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &size);
	if (size != 2) {
		fprintf(stderr, "micro: needs 2 ranks\n");
		MPI_Abort(MPI_COMM_WORLD, 2);
	}
	const struct mpi program = {MPI_Send,	 MPI_Recv,	MPI_Isend,     MPI_Irecv,
				    MPI_Waitall, MPI_Allreduce, MPI_Comm_rank, MPI_COMM_WORLD,
				    MPI_BYTE,	 MPI_DOUBLE,	MPI_SUM,       nothing,
				    nothing};
	memset(out, 1, sizeof(out));
	memset(in, 1, sizeof(in));
	if (direct) {
		measure_both(&program, batches);
	} else {
		for (int b = 0; b < batches; b++) {
			for (const struct test *t = tests; t < tests + sizeof(tests) / sizeof(*t);
			     t++) {
				double ns = batch(t, &program);

				if (rank == 0)
					printf("%s %.3f\n", t->name, ns);
			}
		}
	}
	start = now();
	MPI_Finalize();
	if (rank == 0)
		printf("init %.0f\nfinalize %.0f\n", init, now() - start);
	return 0;
}
