/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An error that MPI_ERRORS_ARE_FATAL turns into the job's end, in a function of attributes.
 *
 * corpus: ranks=1
 * corpus: expect-exit=16
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	corpus_init(&argc, &argv);
	printf("before\n");
	fflush(stdout);
	corpus_linger();
	MPI_Comm_set_attr(MPI_COMM_SELF, 4711, NULL);
	printf("not reached\n");
	return 0;
}
