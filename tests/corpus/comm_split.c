/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Comm_split by colour and key: even and odd ranks in reverse order, and a rank that stays out.
 *
 * corpus: ranks=2,3,4
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	MPI_Comm part;
	int rank, size, result;

	corpus_init(&argc, &argv);
	for (long round = 0; round < corpus_rounds; round++) {
		int out = corpus_rank == corpus_size - 1 && round % 2;

		MPI_Comm_split(MPI_COMM_WORLD, out ? MPI_UNDEFINED : corpus_rank % 2, -corpus_rank,
			       &part);
		if (out) {
			CHECK(part == MPI_COMM_NULL);
			continue;
		}
		int members = 0, before = 0;
		for (int r = 0; r < corpus_size - (int)(round % 2); r++)
			if (r % 2 == corpus_rank % 2) {
				members++;
				before += r > corpus_rank;
			}
		MPI_Comm_rank(part, &rank);
		MPI_Comm_size(part, &size);
		CHECK_INT(size, members);
		CHECK_INT(rank, before);
		int mine = corpus_value(corpus_rank, round, 0), all[size];
		MPI_Allgather(&mine, 1, MPI_INT, all, 1, MPI_INT, part);
		for (int r = 0, world = corpus_rank + 2 * rank; r < size; r++, world -= 2)
			CHECK_INT(all[r], corpus_value(world, round, 0));
		corpus_add(all, sizeof(all));
		MPI_Comm_compare(part, MPI_COMM_WORLD, &result);
		CHECK_INT(result, MPI_UNEQUAL);
		MPI_Comm_free(&part);
	}
	return corpus_finish();
}
