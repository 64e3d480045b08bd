/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program that executes itself with other arguments before it initialises MPI, and one that is
 * not found by a relative name: what mpirun started is not what runs in the end.
 *
 * corpus: ranks=1,2
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	if (argc < 3) {
		char *again[] = {"other name", "second", "life", NULL};

		setenv("CORPUS_SECOND", "yes", 1);
		execv("/proc/self/exe", again);
		return 96;
	}
	corpus_init(&argc, &argv);
	corpus_linger();
	CHECK_STR(argv[0], "other name");
	CHECK_STR(argv[2], "life");
	CHECK_STR(getenv("CORPUS_SECOND"), "yes");
	int sum = corpus_rank + 1;
	MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
	CHECK_INT(sum, corpus_size * (corpus_size + 1) / 2);
	corpus_add_int(sum);
	return corpus_finish();
}
