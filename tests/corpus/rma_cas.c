/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A spin lock by MPI_Compare_and_swap guards a plain counter. (Open MPI 4.1 crashes here natively
 * with vader's emulation of atomics, so another component for windows is asked for.)
 *
 * corpus: ranks=2,3
 * corpus: refused-while=a window|windows|osc_rdma
 * corpus: mpirun=--mca osc pt2pt
 */
#include "corpus.h"

enum { TIMES = 10 };

int main(int argc, char **argv)
{
	long *base, zero = 0, old, mine, counter;
	MPI_Win win;

	corpus_init(&argc, &argv);
	mine = corpus_rank + 2;
	MPI_Win_allocate(2 * sizeof(long), sizeof(long), MPI_INFO_NULL, MPI_COMM_WORLD, &base,
			 &win);
	base[0] = base[1] = 0;
	MPI_Barrier(MPI_COMM_WORLD);
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Win_lock_all(0, win);
		for (int i = 0; i < TIMES; i++) {
			do {
				MPI_Compare_and_swap(&mine, &zero, &old, MPI_LONG, 0, 0, win);
				MPI_Win_flush(0, win);
			} while (old != 0);
			MPI_Get(&counter, 1, MPI_LONG, 0, 1, 1, MPI_LONG, win);
			MPI_Win_flush(0, win);
			counter += 7 + i;
			MPI_Put(&counter, 1, MPI_LONG, 0, 1, 1, MPI_LONG, win);
			MPI_Win_flush(0, win);
			MPI_Compare_and_swap(&zero, &mine, &old, MPI_LONG, 0, 0, win);
			MPI_Win_flush(0, win);
			CHECK_INT(old, mine);
		}
		MPI_Win_unlock_all(win);
		MPI_Barrier(MPI_COMM_WORLD);
		MPI_Win_lock(MPI_LOCK_SHARED, 0, 0, win);
		MPI_Get(&counter, 1, MPI_LONG, 0, 1, 1, MPI_LONG, win);
		MPI_Win_unlock(0, win);
		CHECK_INT(counter,
			  (round + 1) * corpus_size * (7 * TIMES + TIMES * (TIMES - 1) / 2));
		corpus_add_int(counter);
		MPI_Barrier(MPI_COMM_WORLD);
	}
	MPI_Win_free(&win);
	return corpus_finish();
}
