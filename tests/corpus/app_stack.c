/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Big arrays on the stack, deep recursion and alloca around MPI calls.
 *
 * corpus: ranks=2
 */
#include "corpus.h"
#include <alloca.h>

enum { BIG = 1 << 20 }; /* 4 MiB of the usual 8 */

static int deep(int depth, int peer, long round)
{
	char pad[2000];
	int value = corpus_value(corpus_rank, round, depth), in, *more = alloca(400);

	memset(pad, depth, sizeof(pad));
	if (depth > 0)
		more[0] = deep(depth - 1, peer, round);
	MPI_Sendrecv(&value, 1, MPI_INT, peer, depth, &in, 1, MPI_INT, peer, depth, MPI_COMM_WORLD,
		     MPI_STATUS_IGNORE);
	CHECK_INT(in, corpus_value(peer, round, depth));
	CHECK_INT(pad[1999], (char)depth);
	return in;
}

int main(int argc, char **argv)
{
	int big[BIG];

	corpus_init(&argc, &argv);
	int peer = 1 - corpus_rank;

	for (long round = 0; round < corpus_rounds; round++) {
		corpus_fill(big, BIG, corpus_rank, round);
		MPI_Sendrecv_replace(big, BIG, MPI_INT, peer, 1, peer, 1, MPI_COMM_WORLD,
				     MPI_STATUS_IGNORE);
		corpus_expect(big, BIG, peer, round);
		corpus_add_int(deep(500, peer, round));
	}
	return corpus_finish();
}
