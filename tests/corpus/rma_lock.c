/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Passive target: exclusive locks make a read-modify-write whole, shared locks read it.
 *
 * corpus: ranks=1,2,4
 * corpus: refused-while=a window|windows|osc_rdma
 */
#include "corpus.h"

enum { TIMES = 50 };

int main(int argc, char **argv)
{
	long *counter, value;
	MPI_Win win;

	corpus_init(&argc, &argv);
	MPI_Win_allocate(sizeof(long), sizeof(long), MPI_INFO_NULL, MPI_COMM_WORLD, &counter, &win);
	MPI_Win_lock(MPI_LOCK_EXCLUSIVE, corpus_rank, 0, win);
	*counter = 0;
	MPI_Win_unlock(corpus_rank, win);
	MPI_Barrier(MPI_COMM_WORLD);
	for (long round = 0; round < corpus_rounds; round++) {
		int target = (int)(round % corpus_size);

		for (int i = 0; i < TIMES; i++) {
			MPI_Win_lock(MPI_LOCK_EXCLUSIVE, target, 0, win);
			MPI_Get(&value, 1, MPI_LONG, target, 0, 1, MPI_LONG, win);
			MPI_Win_flush(target, win);
			value += 1 + i;
			MPI_Put(&value, 1, MPI_LONG, target, 0, 1, MPI_LONG, win);
			MPI_Win_unlock(target, win);
		}
		MPI_Barrier(MPI_COMM_WORLD);
		MPI_Win_lock(MPI_LOCK_SHARED, target, 0, win);
		MPI_Get(&value, 1, MPI_LONG, target, 0, 1, MPI_LONG, win);
		MPI_Win_unlock(target, win);
		/* this target has been used by so many rounds */
		CHECK_INT(value, (round / corpus_size + 1) * corpus_size * TIMES * (TIMES + 1) / 2);
		corpus_add_int(value);
		MPI_Barrier(MPI_COMM_WORLD);
	}
	MPI_Win_free(&win);
	return corpus_finish();
}
