/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Contiguous, vector and hvector types: a matrix is transposed on its way.
 *
 * corpus: ranks=2,4
 */
#include "corpus.h"

enum { ROWS = 37, COLUMNS = 23 };

int main(int argc, char **argv)
{
	int a[ROWS][COLUMNS], b[COLUMNS][ROWS];
	MPI_Datatype column, transposed, row;
	int size;
	MPI_Aint lb, extent;

	corpus_init(&argc, &argv);
	int peer = corpus_rank ^ 1;

	MPI_Type_vector(ROWS, 1, COLUMNS, MPI_INT, &column);
	MPI_Type_create_hvector(COLUMNS, 1, sizeof(int), column, &transposed);
	MPI_Type_commit(&transposed);
	MPI_Type_contiguous(ROWS, MPI_INT, &row);
	MPI_Type_commit(&row);
	MPI_Type_size(transposed, &size);
	CHECK_INT(size, ROWS * COLUMNS * sizeof(int));
	MPI_Type_get_extent(column, &lb, &extent);
	CHECK_INT(lb, 0);
	CHECK_INT(extent, ((ROWS - 1) * COLUMNS + 1) * sizeof(int));
	MPI_Type_free(&column);
	for (long round = 0; round < corpus_rounds; round++) {
		corpus_fill(&a[0][0], ROWS * COLUMNS, corpus_rank, round);
		MPI_Sendrecv(a, 1, transposed, peer, 1, b, COLUMNS, row, peer, 1, MPI_COMM_WORLD,
			     MPI_STATUS_IGNORE);
		for (int r = 0; r < ROWS; r++)
			for (int c = 0; c < COLUMNS; c++)
				CHECK_INT(b[c][r], corpus_value(peer, round, r * COLUMNS + c));
		corpus_add(b, sizeof(b));
	}
	MPI_Type_free(&transposed);
	MPI_Type_free(&row);
	return corpus_finish();
}
