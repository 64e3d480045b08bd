/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A window's own error handler, called by the library and by MPI_Win_call_errhandler.
 *
 * corpus: ranks=2,3
 * corpus: refused-while=a window|windows|osc_rdma
 */
#include "corpus.h"

static int calls;
static MPI_Win last;

static void note(MPI_Win *win, int *code, ...)
{
	int class;

	MPI_Error_class(*code, &class);
	corpus_add_int(class);
	last = *win;
	calls++;
}

int main(int argc, char **argv)
{
	int memory[4];
	MPI_Errhandler handler;
	MPI_Win win;

	corpus_init(&argc, &argv);
	MPI_Win_create_errhandler(note, &handler);
	for (long round = 0; round < corpus_rounds; round++) {
		calls = 0;
		MPI_Win_create(memory, sizeof(memory), 1, MPI_INFO_NULL, MPI_COMM_WORLD, &win);
		MPI_Win_set_errhandler(win, handler);
		MPI_Put(memory, 1, MPI_INT, corpus_size + 3, 0, 1, MPI_INT, win);
		CHECK_INT(calls, 1);
		CHECK(last == win);
		MPI_Win_call_errhandler(win, MPI_ERR_RMA_SYNC);
		CHECK_INT(calls, 2);
		MPI_Win_free(&win);
	}
	MPI_Errhandler_free(&handler);
	return corpus_finish();
}
