/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Comm_split_type by shared memory: the parts together are all ranks, and each is usable.
 *
 * corpus: ranks=1,4
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	MPI_Comm node, none, again;
	int rank, size, leaders, leader, sum, result;

	corpus_init(&argc, &argv);
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, corpus_rank,
				    MPI_INFO_NULL, &node);
		MPI_Comm_rank(node, &rank);
		MPI_Comm_size(node, &size);
		leader = rank == 0 ? size : 0;
		MPI_Allreduce(&leader, &leaders, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
		CHECK_INT(leaders, corpus_size);
		int mine = corpus_value(corpus_rank, round, 0);
		MPI_Allreduce(&mine, &sum, 1, MPI_INT, MPI_SUM, node);
		/* where hosts are is not the same everywhere: only the whole sum is */
		leader = rank == 0 ? sum : 0;
		MPI_Allreduce(&leader, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
		corpus_add_int(sum);
		MPI_Comm_split_type(node, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &again);
		MPI_Comm_compare(node, again, &result);
		CHECK_INT(result, MPI_CONGRUENT);
		MPI_Comm_split_type(MPI_COMM_WORLD, MPI_UNDEFINED, 0, MPI_INFO_NULL, &none);
		CHECK(none == MPI_COMM_NULL);
		MPI_Comm_free(&again);
		MPI_Comm_free(&node);
	}
	return corpus_finish();
}
