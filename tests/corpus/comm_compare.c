/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Comm_compare in all four answers, and the predefined communicators.
 *
 * corpus: ranks=1,3
 */
#include "corpus.h"

static int compare(MPI_Comm a, MPI_Comm b)
{
	int result;

	MPI_Comm_compare(a, b, &result);
	return result;
}

int main(int argc, char **argv)
{
	MPI_Comm dup, reversed, self;
	int size, rank;

	corpus_init(&argc, &argv);
	MPI_Comm_dup(MPI_COMM_WORLD, &dup);
	MPI_Comm_split(MPI_COMM_WORLD, 3, corpus_size - corpus_rank, &reversed);
	MPI_Comm_dup(MPI_COMM_SELF, &self);
	for (long round = 0; round < corpus_rounds; round++) {
		int one = corpus_size == 1;

		CHECK_INT(compare(MPI_COMM_WORLD, MPI_COMM_WORLD), MPI_IDENT);
		CHECK_INT(compare(MPI_COMM_WORLD, dup), MPI_CONGRUENT);
		CHECK_INT(compare(MPI_COMM_WORLD, reversed), one ? MPI_CONGRUENT : MPI_SIMILAR);
		CHECK_INT(compare(MPI_COMM_WORLD, MPI_COMM_SELF),
			  one ? MPI_CONGRUENT : MPI_UNEQUAL);
		CHECK_INT(compare(self, MPI_COMM_SELF), MPI_CONGRUENT);
		MPI_Comm_size(MPI_COMM_SELF, &size);
		MPI_Comm_rank(self, &rank);
		CHECK_INT(size, 1);
		CHECK_INT(rank, 0);
		MPI_Comm_rank(reversed, &rank);
		CHECK_INT(rank, corpus_size - 1 - corpus_rank);
		corpus_add_int(compare(reversed, dup) * 10 + rank);
	}
	MPI_Comm_free(&dup);
	MPI_Comm_free(&reversed);
	MPI_Comm_free(&self);
	return corpus_finish();
}
