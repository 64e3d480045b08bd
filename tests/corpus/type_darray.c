/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A distributed array, block by block and cyclic: the parts of all ranks make up the whole once.
 *
 * corpus: ranks=1,2,4
 */
#include "corpus.h"

enum { ROWS = 16, COLUMNS = 12 };

int main(int argc, char **argv)
{
	int whole[ROWS * COLUMNS], mine[ROWS * COLUMNS], dims[2] = {0, 0}, size;
	int sizes[2] = {ROWS, COLUMNS}, spread[2] = {MPI_DISTRIBUTE_BLOCK, MPI_DISTRIBUTE_CYCLIC};
	int arguments[2] = {MPI_DISTRIBUTE_DFLT_DARG, 3};

	corpus_init(&argc, &argv);
	MPI_Datatype parts[corpus_size];

	MPI_Dims_create(corpus_size, 2, dims);
	for (int r = 0; r < corpus_size; r++) {
		MPI_Type_create_darray(corpus_size, r, 2, sizes, spread, arguments, dims,
				       MPI_ORDER_C, MPI_INT, &parts[r]);
		MPI_Type_commit(&parts[r]);
	}
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Request request;
		int total = 0;

		corpus_fill(whole, ROWS * COLUMNS, 0, round);
		MPI_Type_size(parts[corpus_rank], &size);
		int n = size / (int)sizeof(int);
		MPI_Irecv(mine, n, MPI_INT, 0, 1, MPI_COMM_WORLD, &request);
		for (int r = 0; corpus_rank == 0 && r < corpus_size; r++)
			MPI_Send(whole, 1, parts[r], r, 1, MPI_COMM_WORLD);
		MPI_Wait(&request, MPI_STATUS_IGNORE);
		/* block rows, and of the columns three in turn */
		int p = corpus_rank / dims[1], q = corpus_rank % dims[1], i = 0,
		    rows = ROWS / dims[0];
		for (int r = p * rows; r < (p + 1) * rows; r++)
			for (int c = 0; c < COLUMNS; c++)
				if (c / 3 % dims[1] == q)
					CHECK_INT(mine[i++], whole[r * COLUMNS + c]);
		CHECK_INT(i, n);
		MPI_Allreduce(&n, &total, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
		CHECK_INT(total, ROWS * COLUMNS);
		corpus_add(mine, (size_t)size);
	}
	for (int r = 0; r < corpus_size; r++)
		MPI_Type_free(&parts[r]);
	return corpus_finish();
}
