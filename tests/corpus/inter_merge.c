/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Intercomm_merge in both orders, and a duplicate and a split of an intercommunicator.
 *
 * corpus: ranks=2,4
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	MPI_Comm part, inter, dup, pairs, merged;
	int rank, size, flag, result;

	corpus_init(&argc, &argv);
	int half = corpus_size / 2, side = corpus_rank >= half;

	MPI_Comm_split(MPI_COMM_WORLD, side, corpus_rank, &part);
	MPI_Intercomm_create(part, 0,
			     side == 0 || corpus_rank == half ? MPI_COMM_WORLD : MPI_COMM_NULL,
			     side == 0 ? half : 0, 5, &inter);
	MPI_Comm_dup(inter, &dup);
	MPI_Comm_compare(inter, dup, &result);
	CHECK_INT(result, MPI_CONGRUENT);
	/* rank i of one side with rank i of the other */
	MPI_Comm_split(dup, corpus_rank % half, 0, &pairs);
	MPI_Comm_test_inter(pairs, &flag);
	CHECK_INT(flag, 1);
	MPI_Comm_remote_size(pairs, &size);
	CHECK_INT(size, 1);
	for (long round = 0; round < corpus_rounds; round++) {
		int first = (int)(round % 2); /* which side comes first */

		MPI_Intercomm_merge(inter, side != first, &merged);
		MPI_Comm_rank(merged, &rank);
		MPI_Comm_size(merged, &size);
		CHECK_INT(size, corpus_size);
		CHECK_INT(rank, (corpus_rank + first * half) % corpus_size);
		int mine = corpus_value(corpus_rank, round, 0), all[size], in;
		MPI_Allgather(&mine, 1, MPI_INT, all, 1, MPI_INT, merged);
		for (int r = 0; r < size; r++)
			CHECK_INT(all[r], corpus_value((r + first * half) % corpus_size, round, 0));
		corpus_add(all, sizeof(all));
		MPI_Sendrecv(&mine, 1, MPI_INT, 0, 1, &in, 1, MPI_INT, 0, 1, pairs,
			     MPI_STATUS_IGNORE);
		CHECK_INT(in, corpus_value((corpus_rank + half) % corpus_size, round, 0));
		MPI_Comm_free(&merged);
	}
	MPI_Comm_free(&pairs);
	MPI_Comm_free(&dup);
	MPI_Comm_free(&inter);
	MPI_Comm_free(&part);
	return corpus_finish();
}
