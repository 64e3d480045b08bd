/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Comm_create on an intercommunicator takes the low half of each side.
 *
 * corpus: ranks=4
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	MPI_Comm part, inter, small;
	MPI_Group local, low;
	int rank, flag, in;

	corpus_init(&argc, &argv);
	int side = corpus_rank % 2;

	MPI_Comm_split(MPI_COMM_WORLD, side, corpus_rank, &part);
	MPI_Intercomm_create(part, 0, MPI_COMM_WORLD, 1 - side, 3, &inter);
	MPI_Comm_rank(inter, &rank);
	MPI_Comm_group(inter, &local);
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Group_incl(local, 1, (int[]){0}, &low);
		MPI_Comm_create(inter, low, &small);
		MPI_Group_free(&low);
		CHECK_INT(small == MPI_COMM_NULL, rank != 0);
		if (rank != 0)
			continue;
		MPI_Comm_test_inter(small, &flag);
		CHECK_INT(flag, 1);
		int mine = corpus_value(corpus_rank, round, 0);
		MPI_Sendrecv(&mine, 1, MPI_INT, 0, 2, &in, 1, MPI_INT, 0, 2, small,
			     MPI_STATUS_IGNORE);
		CHECK_INT(in, corpus_value(1 - side, round, 0));
		corpus_add_int(in);
		MPI_Comm_free(&small);
	}
	MPI_Group_free(&local);
	MPI_Comm_free(&inter);
	MPI_Comm_free(&part);
	return corpus_finish();
}
