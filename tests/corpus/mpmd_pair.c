/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two programs in one job, by mpirun's colon: the contexts differ in MPI_APPNUM and arguments.
 *
 * corpus: ranks=1,2
 * corpus: args=first : -n 2 @BIN@/mpmd_pair second
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	int *number, flag, parts[64];
	MPI_Comm part;

	corpus_init(&argc, &argv);
	CHECK_INT(argc, 2);
	MPI_Comm_get_attr(MPI_COMM_WORLD, MPI_APPNUM, &number, &flag);
	CHECK_INT(flag, 1);
	CHECK_STR(argv[1], *number == 0 ? "first" : "second");
	MPI_Comm_split(MPI_COMM_WORLD, *number, 0, &part);
	int size;
	MPI_Comm_size(part, &size);
	CHECK_INT(size, *number ? 2 : corpus_size - 2);
	for (long round = 0; round < corpus_rounds; round++) {
		int value = *number * 1000 + corpus_value(corpus_rank, round, 0);

		MPI_Allgather(&value, 1, MPI_INT, parts, 1, MPI_INT, MPI_COMM_WORLD);
		for (int r = 0; r < corpus_size; r++)
			CHECK_INT(parts[r],
				  (r >= corpus_size - 2) * 1000 + corpus_value(r, round, 0));
		corpus_add(parts, (size_t)corpus_size * sizeof(int));
	}
	MPI_Comm_free(&part);
	return corpus_finish();
}
