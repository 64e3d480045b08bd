/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Sendrecv_replace rotates a block through all ranks, contiguous and strided.
 *
 * corpus: ranks=2,4
 */
#include "corpus.h"

enum { ROWS = 40, COLUMNS = 30 };

int main(int argc, char **argv)
{
	int grid[ROWS][COLUMNS], column[ROWS];
	MPI_Datatype strided;

	corpus_init(&argc, &argv);
	int next = (corpus_rank + 1) % corpus_size;
	int prev = (corpus_rank + corpus_size - 1) % corpus_size;

	MPI_Type_vector(ROWS, 1, COLUMNS, MPI_INT, &strided);
	MPI_Type_commit(&strided);
	for (long round = 0; round < corpus_rounds; round++) {
		memset(grid, -1, sizeof(grid));
		for (int i = 0; i < ROWS; i++)
			grid[i][5] = corpus_value(corpus_rank, round, i);
		for (int step = 1; step <= corpus_size; step++) {
			MPI_Sendrecv_replace(&grid[0][5], 1, strided, next, step, prev, step,
					     MPI_COMM_WORLD, MPI_STATUS_IGNORE);
			for (int i = 0; i < ROWS; i++)
				column[i] = grid[i][5];
			corpus_expect(column, ROWS,
				      (corpus_rank + corpus_size - step % corpus_size) %
					      corpus_size,
				      round);
			CHECK_INT(grid[0][4], -1);
			CHECK_INT(grid[ROWS - 1][6], -1);
		}
	}
	MPI_Type_free(&strided);
	CHECK(strided == MPI_DATATYPE_NULL);
	return corpus_finish();
}
