/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Extents: resized, negative lower bound, true extent, and MPI_Type_dup.
 *
 * corpus: ranks=1,2
 */
#include "corpus.h"

enum { N = 40 };

int main(int argc, char **argv)
{
	MPI_Datatype wide, twin, shifted;
	MPI_Aint lb, extent;
	MPI_Count big_lb, big_extent, big_size;
	int data[3 * N], in[N], size;

	corpus_init(&argc, &argv);
	MPI_Type_create_resized(MPI_INT, 0, 3 * sizeof(int), &wide);
	MPI_Type_dup(wide, &twin);
	MPI_Type_free(&wide);
	MPI_Type_commit(&twin);
	MPI_Type_size(twin, &size);
	CHECK_INT(size, sizeof(int));
	MPI_Type_size_x(twin, &big_size);
	CHECK_INT(big_size, sizeof(int));
	MPI_Type_get_extent_x(twin, &big_lb, &big_extent);
	CHECK_INT(big_extent, 3 * sizeof(int));
	MPI_Type_get_true_extent(twin, &lb, &extent);
	CHECK_INT(extent, sizeof(int));
	MPI_Type_create_hindexed(1, (int[]){2}, (MPI_Aint[]){-8}, MPI_INT, &shifted);
	MPI_Type_get_extent(shifted, &lb, &extent);
	CHECK_INT(lb, -8);
	CHECK_INT(extent, 8);
	MPI_Type_get_true_extent_x(shifted, &big_lb, &big_extent);
	CHECK_INT(big_lb, -8);
	MPI_Type_commit(&shifted);
	for (long round = 0; round < corpus_rounds; round++) {
		corpus_fill(data, 3 * N, corpus_rank, round);
		MPI_Sendrecv(data, N, twin, corpus_rank, 1, in, N, MPI_INT, corpus_rank, 1,
			     MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		for (int i = 0; i < N; i++)
			CHECK_INT(in[i], data[3 * i]);
		MPI_Sendrecv(data + 2, 1, shifted, corpus_rank, 1, in, 2, MPI_INT, corpus_rank, 1,
			     MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		corpus_expect(in, 2, corpus_rank, round);
	}
	MPI_Type_free(&shifted);
	MPI_Type_free(&twin);
	return corpus_finish();
}
