/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A rank that exits with 0 and without MPI_Finalize makes mpirun complain and fail.
 *
 * corpus: ranks=2
 * corpus: expect-exit=1
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	corpus_init(&argc, &argv);
	corpus_linger();
	corpus_report();
	MPI_Barrier(MPI_COMM_WORLD);
	exit(0);
}
