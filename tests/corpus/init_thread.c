/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Init_thread, and the calls that tell which level is provided.
 *
 * corpus: ranks=1,2
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	int provided = -1, level, flag;

	CHECK_INT(MPI_Init_thread(&argc, &argv, MPI_THREAD_SERIALIZED, &provided), MPI_SUCCESS);
	corpus_start();
	corpus_linger();
	CHECK(provided >= MPI_THREAD_SERIALIZED);
	MPI_Query_thread(&level);
	CHECK_INT(level, provided);
	MPI_Is_thread_main(&flag);
	CHECK_INT(flag, 1);
	int sum = corpus_rank;
	MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
	CHECK_INT(sum, corpus_size * (corpus_size - 1) / 2);
	corpus_add_int(provided * 10 + level);
	if (corpus_rank == 0)
		printf("asked for %d, provided %d\n", MPI_THREAD_SERIALIZED, provided);
	return corpus_finish();
}
