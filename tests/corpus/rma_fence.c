/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Put, get and accumulate between fences, on a window over the program's own memory.
 *
 * corpus: ranks=2,4
 * corpus: refused-while=a window|windows|osc_rdma
 */
#include "corpus.h"

enum { N = 500 };

int main(int argc, char **argv)
{
	static int window[3 * N], out[N], in[N];
	MPI_Win win;

	corpus_init(&argc, &argv);
	int next = (corpus_rank + 1) % corpus_size;
	int prev = (corpus_rank + corpus_size - 1) % corpus_size;

	MPI_Win_create(window, sizeof(window), sizeof(int), MPI_INFO_NULL, MPI_COMM_WORLD, &win);
	for (long round = 0; round < corpus_rounds; round++) {
		memset(window + N, 0, 2 * N * sizeof(int));
		corpus_fill(window, N, corpus_rank, round);
		corpus_fill(out, N, corpus_rank, round + 1);
		MPI_Win_fence(MPI_MODE_NOPRECEDE, win);
		MPI_Get(in, N, MPI_INT, next, 0, N, MPI_INT, win);
		MPI_Put(out, N, MPI_INT, next, N, N, MPI_INT, win);
		for (int r = 0; r < corpus_size; r++)
			MPI_Accumulate(out, N, MPI_INT, r, 2 * N, N, MPI_INT, MPI_SUM, win);
		MPI_Win_fence(MPI_MODE_NOSUCCEED, win);
		corpus_expect(in, N, next, round);
		corpus_expect(window, N, corpus_rank, round);
		corpus_expect(window + N, N, prev, round + 1);
		for (int i = 0; i < N; i++) {
			int want = 0;

			for (int r = 0; r < corpus_size; r++)
				want += corpus_value(r, round + 1, i);
			CHECK_INT(window[2 * N + i], want);
		}
		corpus_add(window, sizeof(window));
	}
	MPI_Win_free(&win);
	CHECK(win == MPI_WIN_NULL);
	return corpus_finish();
}
