/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program that is linked with MPI and never initialises it.
 *
 * corpus: ranks=1,2
 */
#include "corpus.h"

int main(void)
{
	const char *rank = getenv("OMPI_COMM_WORLD_RANK");
	int flag;

	MPI_Initialized(&flag);
	CHECK_INT(flag, 0);
	CHECK(rank != NULL);
	if (strcmp(rank, "0") == 0)
		printf("rank %s of %s\n", rank, getenv("OMPI_COMM_WORLD_SIZE"));
	return 0;
}
