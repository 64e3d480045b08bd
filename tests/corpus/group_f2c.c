/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Groups of communicators that are gone, groups as Fortran integers, and the group of each
 * communicator kind.
 *
 * corpus: ranks=2,3
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	MPI_Group group, world;
	MPI_Comm comm;
	int rank, result;

	corpus_init(&argc, &argv);
	CHECK(MPI_Group_f2c(MPI_Group_c2f(MPI_GROUP_NULL)) == MPI_GROUP_NULL);
	CHECK(MPI_Group_f2c(MPI_Group_c2f(MPI_GROUP_EMPTY)) == MPI_GROUP_EMPTY);
	MPI_Comm_group(MPI_COMM_WORLD, &world);
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Comm_split(MPI_COMM_WORLD, 0, -corpus_rank, &comm);
		MPI_Comm_group(comm, &group);
		MPI_Comm_free(&comm);
		MPI_Fint number = MPI_Group_c2f(group);
		CHECK(MPI_Group_f2c(number) == group);
		MPI_Group_rank(MPI_Group_f2c(number), &rank);
		CHECK_INT(rank, corpus_size - 1 - corpus_rank);
		MPI_Comm_create(MPI_COMM_WORLD, group, &comm);
		MPI_Group_free(&group);
		int mine = corpus_value(corpus_rank, round, 0);
		MPI_Bcast(&mine, 1, MPI_INT, 0, comm);
		CHECK_INT(mine, corpus_value(corpus_size - 1, round, 0));
		corpus_add_int(mine);
		MPI_Comm_group(comm, &group);
		MPI_Group_compare(group, world, &result);
		CHECK_INT(result, MPI_SIMILAR);
		MPI_Group_free(&group);
		MPI_Comm_free(&comm);
	}
	MPI_Comm_group(MPI_COMM_SELF, &group);
	MPI_Group_translate_ranks(group, 1, (int[]){0}, world, &rank);
	CHECK_INT(rank, corpus_rank);
	MPI_Group_free(&group);
	MPI_Group_free(&world);
	return corpus_finish();
}
