/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Comm_create with disjoint groups, and MPI_Comm_create_group, which only its members call.
 *
 * corpus: ranks=2,4
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	MPI_Group world, part;
	MPI_Comm comm, low;
	int rank, size;

	corpus_init(&argc, &argv);
	MPI_Comm_group(MPI_COMM_WORLD, &world);
	int half = corpus_size / 2;

	for (long round = 0; round < corpus_rounds; round++) {
		int first = corpus_rank < half ? 0 : half, range[1][3];

		/* each half makes its own, with its ranks reversed */
		range[0][0] = first + half - 1;
		range[0][1] = first;
		range[0][2] = -1;
		MPI_Group_range_incl(world, 1, range, &part);
		MPI_Comm_create(MPI_COMM_WORLD, part, &comm);
		MPI_Comm_rank(comm, &rank);
		MPI_Comm_size(comm, &size);
		CHECK_INT(size, half);
		CHECK_INT(rank, first + half - 1 - corpus_rank);
		int mine = corpus_value(corpus_rank, round, 0), got = mine;
		MPI_Bcast(&got, 1, MPI_INT, 0, comm);
		CHECK_INT(got, corpus_value(first + half - 1, round, 0));
		corpus_add_int(got);
		MPI_Comm_free(&comm);
		if (corpus_rank < half) {
			MPI_Comm_create_group(MPI_COMM_WORLD, part, 17, &low);
			MPI_Allreduce(&mine, &got, 1, MPI_INT, MPI_SUM, low);
			corpus_add_int(got);
			MPI_Comm_free(&low);
		}
		MPI_Group_free(&part);
		/* a group without this rank gives no communicator */
		MPI_Group_incl(world, 1, (int[]){0}, &part);
		MPI_Comm_create(MPI_COMM_WORLD, part, &comm);
		CHECK_INT(comm == MPI_COMM_NULL, corpus_rank != 0);
		if (comm != MPI_COMM_NULL)
			MPI_Comm_free(&comm);
		MPI_Group_free(&part);
		MPI_Comm_create(MPI_COMM_WORLD, MPI_GROUP_EMPTY, &comm);
		CHECK(comm == MPI_COMM_NULL);
	}
	MPI_Group_free(&world);
	return corpus_finish();
}
