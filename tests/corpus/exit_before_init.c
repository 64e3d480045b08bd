/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A rank that ends with a code before MPI_Init.
 *
 * corpus: ranks=2
 * corpus: expect-exit=9
 */
#include "corpus.h"

int main(void)
{
	if (strcmp(getenv("OMPI_COMM_WORLD_RANK"), "0") == 0) {
		printf("no input, so there is nothing to do\n");
		fflush(stdout);
		return 9;
	}
	return 0;
}
