/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The job ends with the exit code of the rank that failed.
 *
 * corpus: ranks=2,3
 * corpus: expect-exit=3
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	corpus_init(&argc, &argv);
	corpus_linger();
	corpus_report();
	MPI_Finalize();
	return corpus_rank == corpus_size - 1 ? 3 : 0;
}
