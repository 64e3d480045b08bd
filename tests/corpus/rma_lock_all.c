/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Win_lock_all with all flushes and MPI_Win_sync; the epoch stays open over many rounds.
 *
 * corpus: ranks=1,2,4
 * corpus: refused-while=a window|windows|osc_rdma
 */
#include "corpus.h"

enum { N = 64 };

int main(int argc, char **argv)
{
	int *window, out[N], in[N];
	MPI_Win win;

	corpus_init(&argc, &argv);
	MPI_Win_allocate((MPI_Aint)(corpus_size * N * (int)sizeof(int)), sizeof(int), MPI_INFO_NULL,
			 MPI_COMM_WORLD, &window, &win);
	MPI_Win_lock_all(MPI_MODE_NOCHECK, win);
	for (long round = 0; round < corpus_rounds; round++) {
		corpus_fill(out, N, corpus_rank, round);
		for (int r = 0; r < corpus_size; r++) {
			MPI_Put(out, N, MPI_INT, r, corpus_rank * N, N, MPI_INT, win);
			if (r % 2)
				MPI_Win_flush(r, win);
			else
				MPI_Win_flush_local(r, win);
		}
		MPI_Win_flush_local_all(win);
		MPI_Win_flush_all(win);
		MPI_Barrier(MPI_COMM_WORLD);
		MPI_Win_sync(win);
		for (int r = 0; r < corpus_size; r++)
			corpus_expect(window + r * N, N, r, round);
		int from = (int)((corpus_rank + round) % corpus_size);
		MPI_Get(in, N, MPI_INT, from, (corpus_size - 1) * N, N, MPI_INT, win);
		MPI_Win_flush(from, win);
		corpus_expect(in, N, corpus_size - 1, round);
		MPI_Barrier(MPI_COMM_WORLD);
	}
	MPI_Win_unlock_all(win);
	MPI_Win_free(&win);
	return corpus_finish();
}
