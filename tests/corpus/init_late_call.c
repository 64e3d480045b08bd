/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI called after MPI_Finalize is an error that ends the job.
 *
 * corpus: ranks=1
 * corpus: expect-exit=1
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	int value = 3;

	corpus_init(&argc, &argv);
	corpus_linger();
	corpus_finish();
	printf("finalised\n");
	fflush(stdout);
	MPI_Comm_size(MPI_COMM_WORLD, &value);
	printf("not reached\n");
	return 0;
}
