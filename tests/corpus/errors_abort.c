/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An error under the default handler ends the job, with the handler's message and a code.
 *
 * corpus: ranks=2
 * corpus: expect-exit=6
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	corpus_init(&argc, &argv);
	if (corpus_rank == 0) {
		printf("before the error\n");
		fflush(stdout);
	}
	corpus_linger();
	MPI_Barrier(MPI_COMM_WORLD);
	MPI_Send(&argc, 1, MPI_INT, corpus_size + 1, 0, MPI_COMM_WORLD);
	printf("not reached\n");
	return corpus_finish();
}
