/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI is initialised in a constructor before main, and finalised in a destructor after it.
 *
 * corpus: ranks=1,2
 */
#include "corpus.h"

static int in_main;

static __attribute__((constructor)) void begin(void)
{
	int flag;

	MPI_Initialized(&flag);
	CHECK_INT(flag, 0);
	MPI_Init(NULL, NULL);
	corpus_start();
}

static __attribute__((destructor)) void end(void)
{
	CHECK_INT(in_main, 1);
	corpus_finish();
}

int main(int argc, char **argv)
{
	CHECK(argc == 1 && argv[0] != NULL);
	in_main = 1;
	for (long round = 0; round < corpus_rounds; round++) {
		int sum = corpus_value(corpus_rank, round, 0);

		MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
		corpus_add_int(sum);
	}
	return 0;
}
