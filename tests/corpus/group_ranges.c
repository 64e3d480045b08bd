/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Groups by ranges with strides, by exclusion, and the rank of this process in them.
 *
 * corpus: ranks=1,3,4
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	MPI_Group world, even, odd, reversed, most;
	int size, rank, result;

	corpus_init(&argc, &argv);
	MPI_Comm_group(MPI_COMM_WORLD, &world);
	int evens = (corpus_size + 1) / 2, every_second[1][3] = {{0, corpus_size - 1, 2}};
	int backwards[1][3] = {{corpus_size - 1, 0, -1}}, last = corpus_size - 1;

	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Group_range_incl(world, 1, every_second, &even);
		MPI_Group_range_excl(world, 1, every_second, &odd);
		MPI_Group_range_incl(world, 1, backwards, &reversed);
		MPI_Group_excl(world, 1, &last, &most);
		MPI_Group_size(even, &size);
		CHECK_INT(size, evens);
		MPI_Group_size(odd, &size);
		CHECK_INT(size, corpus_size - evens);
		MPI_Group_rank(even, &rank);
		CHECK_INT(rank, corpus_rank % 2 ? MPI_UNDEFINED : corpus_rank / 2);
		MPI_Group_rank(odd, &rank);
		CHECK_INT(rank, corpus_rank % 2 ? corpus_rank / 2 : MPI_UNDEFINED);
		MPI_Group_rank(reversed, &rank);
		CHECK_INT(rank, last - corpus_rank);
		corpus_add_int(rank);
		MPI_Group_rank(most, &rank);
		CHECK_INT(rank, corpus_rank == last ? MPI_UNDEFINED : corpus_rank);
		int from[3] = {0, last, MPI_PROC_NULL}, to[3];
		MPI_Group_translate_ranks(reversed, 3, from, even, to);
		CHECK_INT(to[0], last % 2 ? MPI_UNDEFINED : last / 2);
		CHECK_INT(to[1], 0);
		CHECK_INT(to[2], MPI_PROC_NULL);
		MPI_Group_compare(world, reversed, &result);
		CHECK_INT(result, corpus_size == 1 ? MPI_IDENT : MPI_SIMILAR);
		MPI_Group_free(&even);
		if (odd != MPI_GROUP_EMPTY)
			MPI_Group_free(&odd);
		MPI_Group_free(&reversed);
		if (most != MPI_GROUP_EMPTY)
			MPI_Group_free(&most);
	}
	MPI_Group_free(&world);
	return corpus_finish();
}
