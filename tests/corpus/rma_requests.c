/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Request-based operations: MPI_Rput, MPI_Rget, MPI_Raccumulate and MPI_Rget_accumulate, mixed with
 * messages in one MPI_Waitall.
 *
 * corpus: ranks=2,4
 * corpus: refused-while=a window|windows|osc_rdma
 */
#include "corpus.h"

enum { N = 200 };

int main(int argc, char **argv)
{
	static int out[N], got[N], old[N], in[N];
	MPI_Request requests[6];
	int *window;
	MPI_Win win;

	corpus_init(&argc, &argv);
	int next = (corpus_rank + 1) % corpus_size;
	int prev = (corpus_rank + corpus_size - 1) % corpus_size;

	MPI_Win_allocate(3 * N * sizeof(int), sizeof(int), MPI_INFO_NULL, MPI_COMM_WORLD, &window,
			 &win);
	MPI_Win_lock_all(0, win);
	for (long round = 0; round < corpus_rounds; round++) {
		corpus_fill(window, N, corpus_rank, round);
		memset(window + N, 0, 2 * N * sizeof(int));
		corpus_fill(out, N, corpus_rank, round + 9);
		MPI_Win_sync(win);
		MPI_Barrier(MPI_COMM_WORLD);
		MPI_Rget(got, N, MPI_INT, next, 0, N, MPI_INT, win, &requests[0]);
		MPI_Rput(out, N, MPI_INT, next, N, N, MPI_INT, win, &requests[1]);
		MPI_Raccumulate(out, N, MPI_INT, 0, 2 * N, N, MPI_INT, MPI_SUM, win, &requests[2]);
		MPI_Rget_accumulate(out, N, MPI_INT, old, N, MPI_INT, next, 0, N, MPI_INT,
				    MPI_NO_OP, win, &requests[3]);
		MPI_Isend(out, N, MPI_INT, next, 1, MPI_COMM_WORLD, &requests[4]);
		MPI_Irecv(in, N, MPI_INT, prev, 1, MPI_COMM_WORLD, &requests[5]);
		MPI_Waitall(6, requests, MPI_STATUSES_IGNORE);
		corpus_expect(got, N, next, round);
		corpus_expect(old, N, next, round);
		corpus_expect(in, N, prev, round + 9);
		MPI_Win_flush_all(win);
		MPI_Barrier(MPI_COMM_WORLD);
		MPI_Win_sync(win);
		corpus_expect(window + N, N, prev, round + 9);
		for (int i = 0; corpus_rank == 0 && i < N; i++) {
			int want = 0;

			for (int r = 0; r < corpus_size; r++)
				want += corpus_value(r, round + 9, i);
			CHECK_INT(window[2 * N + i], want);
		}
		MPI_Barrier(MPI_COMM_WORLD);
	}
	MPI_Win_unlock_all(win);
	MPI_Win_free(&win);
	return corpus_finish();
}
