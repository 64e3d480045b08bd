/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A second MPI_Init is an error that ends the job.
 *
 * corpus: ranks=1
 * corpus: expect-exit=1
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	corpus_init(&argc, &argv);
	printf("initialised once\n");
	fflush(stdout);
	corpus_linger();
	MPI_Init(&argc, &argv);
	printf("initialised twice\n");
	return 0;
}
