/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Abort ends all ranks, also one that sleeps, and gives its code to mpirun.
 *
 * corpus: ranks=2,3
 * corpus: expect-exit=42
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	corpus_init(&argc, &argv);
	corpus_linger();
	corpus_report();
	MPI_Barrier(MPI_COMM_WORLD);
	if (corpus_rank == corpus_size - 1)
		MPI_Abort(MPI_COMM_WORLD, 42);
	sleep(60);
	printf("still here\n");
	return 0;
}
