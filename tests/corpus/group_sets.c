/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Union, intersection and difference of groups, and their order.
 *
 * corpus: ranks=1,4
 */
#include "corpus.h"

static int in_world(MPI_Group group, int rank, MPI_Group world)
{
	int result;

	MPI_Group_translate_ranks(group, 1, &rank, world, &result);
	return result;
}

static void check_members(MPI_Group group, MPI_Group world, int n, const int *want)
{
	int size;

	MPI_Group_size(group, &size);
	CHECK_INT(size, n);
	for (int i = 0; i < n; i++) {
		CHECK_INT(in_world(group, i, world), want[i]);
		corpus_add_int(want[i]);
	}
}

int main(int argc, char **argv)
{
	MPI_Group world, a, b, both, either, only;
	int result;

	corpus_init(&argc, &argv);
	MPI_Comm_group(MPI_COMM_WORLD, &world);
	for (long round = 0; round < corpus_rounds; round++) {
		if (corpus_size == 4) {
			MPI_Group_incl(world, 3, (int[]){2, 0, 1}, &a);
			MPI_Group_incl(world, 2, (int[]){3, 0}, &b);
			MPI_Group_union(a, b, &either);
			check_members(either, world, 4, (int[]){2, 0, 1, 3});
			MPI_Group_intersection(a, b, &both);
			check_members(both, world, 1, (int[]){0});
			MPI_Group_difference(a, b, &only);
			check_members(only, world, 2, (int[]){2, 1});
			MPI_Group_compare(either, world, &result);
			CHECK_INT(result, MPI_SIMILAR);
			MPI_Group_compare(a, b, &result);
			CHECK_INT(result, MPI_UNEQUAL);
			MPI_Group_free(&either);
			MPI_Group_free(&both);
			MPI_Group_free(&only);
			MPI_Group_free(&a);
			MPI_Group_free(&b);
		}
		MPI_Group_difference(world, world, &only);
		check_members(only, world, 0, NULL);
		MPI_Group_compare(only, MPI_GROUP_EMPTY, &result);
		CHECK_INT(result, MPI_IDENT);
		if (only != MPI_GROUP_EMPTY)
			MPI_Group_free(&only);
		MPI_Group_union(world, MPI_GROUP_EMPTY, &either);
		MPI_Group_compare(either, world, &result);
		CHECK_INT(result, MPI_IDENT);
		MPI_Group_free(&either);
	}
	MPI_Group_free(&world);
	CHECK(world == MPI_GROUP_NULL);
	return corpus_finish();
}
