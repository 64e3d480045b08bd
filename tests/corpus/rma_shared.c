/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A shared memory window: neighbours read and write each other's part through plain pointers.
 *
 * corpus: ranks=1,2,4
 * corpus: refused-while=a window|windows|osc_rdma
 */
#include "corpus.h"

enum { N = 256 };

int main(int argc, char **argv)
{
	int *mine, *theirs, unit, rank, size;
	MPI_Aint length;
	MPI_Comm node;
	MPI_Win win;

	corpus_init(&argc, &argv);
	MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node);
	MPI_Comm_rank(node, &rank);
	MPI_Comm_size(node, &size);
	MPI_Win_allocate_shared(rank == 1 ? 0 : N * sizeof(int), sizeof(int), MPI_INFO_NULL, node,
				&mine, &win);
	MPI_Win_lock_all(0, win);
	for (long round = 0; round < corpus_rounds; round++) {
		if (rank != 1)
			corpus_fill(mine, N, corpus_rank, round);
		MPI_Win_sync(win);
		MPI_Barrier(node);
		MPI_Win_sync(win);
		for (int r = 0; r < size; r++) {
			MPI_Win_shared_query(win, r, &length, &unit, &theirs);
			CHECK_INT(length, r == 1 ? 0 : N * sizeof(int));
			CHECK_INT(unit, sizeof(int));
			/* the checksum must not depend on which ranks share a host */
			for (int i = 0; r == (rank + 2) % size && r != 1 && i < N; i++)
				CHECK(theirs[i] == corpus_value(corpus_rank - rank + r, round, i) ||
				      size != corpus_size);
		}
		int first;
		MPI_Win_shared_query(win, MPI_PROC_NULL, &length, &unit, &theirs);
		first = theirs[0];
		MPI_Barrier(node);
		MPI_Bcast(&first, 1, MPI_INT, 0, MPI_COMM_WORLD);
		CHECK_INT(first, corpus_value(0, round, 0));
		corpus_add_int(first);
		MPI_Barrier(node);
	}
	MPI_Win_unlock_all(win);
	MPI_Win_free(&win);
	MPI_Comm_free(&node);
	return corpus_finish();
}
