/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Post, start, complete, wait: each rank is a target of its left and an origin to its right
 * neighbour.
 *
 * corpus: ranks=2,4
 * corpus: refused-while=a window|windows|osc_rdma
 */
#include "corpus.h"

enum { N = 1000 };

int main(int argc, char **argv)
{
	int *window, out[N], flag;
	MPI_Group world, left, right;
	MPI_Win win;

	corpus_init(&argc, &argv);
	int next = (corpus_rank + 1) % corpus_size;
	int prev = (corpus_rank + corpus_size - 1) % corpus_size;

	MPI_Comm_group(MPI_COMM_WORLD, &world);
	MPI_Group_incl(world, 1, &prev, &left);
	MPI_Group_incl(world, 1, &next, &right);
	MPI_Win_allocate(N * sizeof(int), sizeof(int), MPI_INFO_NULL, MPI_COMM_WORLD, &window,
			 &win);
	for (long round = 0; round < corpus_rounds; round++) {
		memset(window, 0, N * sizeof(int));
		corpus_fill(out, N, corpus_rank, round);
		MPI_Win_post(left, 0, win);
		MPI_Win_start(right, 0, win);
		MPI_Put(out, N, MPI_INT, next, 0, N, MPI_INT, win);
		MPI_Win_complete(win);
		if (round % 2)
			MPI_Win_wait(win);
		else
			do
				MPI_Win_test(win, &flag);
			while (!flag);
		corpus_expect(window, N, prev, round);
	}
	MPI_Group_free(&left);
	MPI_Group_free(&right);
	MPI_Group_free(&world);
	MPI_Win_free(&win);
	return corpus_finish();
}
