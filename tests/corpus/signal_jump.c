/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * siglongjmp out of a handler while the program computes, and setjmp/longjmp around MPI calls.
 *
 * corpus: ranks=1,2
 */
#include "corpus.h"
#include <setjmp.h>
#include <signal.h>

static sigjmp_buf place;
static jmp_buf inner;
static volatile int bottom;

static void on_signal(int signal)
{
	siglongjmp(place, signal);
}

static void leave(int depth, long round)
{
	int sum = corpus_value(corpus_rank, round, depth);

	MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
	corpus_add_int(sum);
	if (depth == bottom)
		longjmp(inner, 5);
	if (depth > 0)
		leave(depth - 1, round);
}

int main(int argc, char **argv)
{
	volatile int jumps = 0;

	corpus_init(&argc, &argv);
	signal(SIGUSR1, on_signal);
	for (volatile long round = 0; round < corpus_rounds; round++) {
		if (sigsetjmp(place, 1) == 0) {
			raise(SIGUSR1);
			CHECK(jumps < 0);
		} else {
			jumps++;
		}
		if (setjmp(inner) == 0)
			leave(4, round);
		else
			jumps++;
		MPI_Barrier(MPI_COMM_WORLD);
	}
	CHECK_INT(jumps, 2 * corpus_rounds);
	return corpus_finish();
}
