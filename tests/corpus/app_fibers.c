/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Coroutines (ucontext) on stacks of 256 KiB call MPI and change over to one another between calls.
 *
 * corpus: ranks=2
 * corpus: flags=-Wno-clobbered
 */
#include "corpus.h"
#include <ucontext.h>

enum { FIBERS = 4, STACK = 256 << 10, TURNS = 20 };

static ucontext_t home, fibers[FIBERS];
static int sums[FIBERS], done;

static void run(int f)
{
	int peer = 1 - corpus_rank;

	for (int turn = 0; turn < TURNS; turn++) {
		int value = corpus_value(corpus_rank, turn, f), in;
		MPI_Request request;

		MPI_Irecv(&in, 1, MPI_INT, peer, f, MPI_COMM_WORLD, &request);
		swapcontext(&fibers[f], &home);
		MPI_Send(&value, 1, MPI_INT, peer, f, MPI_COMM_WORLD);
		swapcontext(&fibers[f], &home);
		MPI_Wait(&request, MPI_STATUS_IGNORE);
		CHECK_INT(in, corpus_value(peer, turn, f));
		sums[f] += in;
	}
	done++;
}

int main(int argc, char **argv)
{
	corpus_init(&argc, &argv);
	for (long round = 0; round < corpus_rounds; round++) {
		char *stacks = malloc(FIBERS * STACK);

		done = 0;
		for (int f = 0; f < FIBERS; f++) {
			getcontext(&fibers[f]);
			fibers[f].uc_stack.ss_sp = stacks + f * STACK;
			fibers[f].uc_stack.ss_size = STACK;
			fibers[f].uc_link = &home;
			makecontext(&fibers[f], (void (*)(void))run, 1, f);
		}
		for (int step = 0; step <= 2 * TURNS; step++)
			for (int f = 0; f < FIBERS; f++)
				swapcontext(&home, &fibers[f]);
		CHECK_INT(done, FIBERS);
		free(stacks);
	}
	corpus_add(sums, sizeof(sums));
	return corpus_finish();
}
