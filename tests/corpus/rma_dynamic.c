/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A dynamic window: memory is attached and detached while it lives, addresses go by message.
 *
 * corpus: ranks=2,4
 * corpus: refused-while=a window|windows|osc_rdma
 */
#include "corpus.h"

enum { N = 300 };

int main(int argc, char **argv)
{
	MPI_Aint mine, theirs;
	MPI_Win win;

	corpus_init(&argc, &argv);
	int next = (corpus_rank + 1) % corpus_size;
	int prev = (corpus_rank + corpus_size - 1) % corpus_size;

	MPI_Win_create_dynamic(MPI_INFO_NULL, MPI_COMM_WORLD, &win);
	for (long round = 0; round < corpus_rounds; round++) {
		int *memory = calloc(N, sizeof(int)), out[N];

		MPI_Win_attach(win, memory, N * sizeof(int));
		MPI_Get_address(memory, &mine);
		MPI_Sendrecv(&mine, 1, MPI_AINT, prev, 1, &theirs, 1, MPI_AINT, next, 1,
			     MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		corpus_fill(out, N, corpus_rank, round);
		MPI_Win_fence(0, win);
		MPI_Put(out, N - 10, MPI_INT, next, MPI_Aint_add(theirs, 10 * sizeof(int)), N - 10,
			MPI_INT, win);
		MPI_Win_fence(0, win);
		CHECK_INT(memory[9], 0);
		corpus_expect(memory + 10, N - 10, prev, round);
		MPI_Win_detach(win, memory);
		free(memory);
	}
	MPI_Win_free(&win);
	return corpus_finish();
}
