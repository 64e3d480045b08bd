/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Cart_sub makes rows and columns; a smaller grid leaves ranks out; MPI_Cart_map; no
 * dimensions.
 *
 * corpus: ranks=4
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	int dims[2] = {2, 2}, periods[2] = {0, 0}, coords[2], rank, size, sum, n;
	MPI_Comm cart, row, column, small, point;

	corpus_init(&argc, &argv);
	MPI_Cart_create(MPI_COMM_WORLD, 2, dims, periods, 0, &cart);
	MPI_Cart_coords(cart, corpus_rank, 2, coords);
	MPI_Cart_sub(cart, (int[]){0, 1}, &row);
	MPI_Cart_sub(cart, (int[]){1, 0}, &column);
	MPI_Cart_sub(cart, (int[]){0, 0}, &point);
	MPI_Comm_size(point, &size);
	CHECK_INT(size, 1);
	MPI_Cartdim_get(row, &n);
	CHECK_INT(n, 1);
	for (long round = 0; round < corpus_rounds; round++) {
		int mine = corpus_value(corpus_rank, round, 0);

		MPI_Allreduce(&mine, &sum, 1, MPI_INT, MPI_SUM, row);
		CHECK_INT(sum, corpus_value(coords[0] * 2, round, 0) +
				       corpus_value(coords[0] * 2 + 1, round, 0));
		corpus_add_int(sum);
		MPI_Allreduce(&mine, &sum, 1, MPI_INT, MPI_SUM, column);
		CHECK_INT(sum, corpus_value(coords[1], round, 0) +
				       corpus_value(coords[1] + 2, round, 0));
		corpus_add_int(sum);
	}
	MPI_Cart_create(MPI_COMM_WORLD, 1, (int[]){3}, (int[]){1}, 0, &small);
	CHECK_INT(small == MPI_COMM_NULL, corpus_rank == 3);
	if (small != MPI_COMM_NULL)
		MPI_Comm_free(&small);
	MPI_Cart_map(MPI_COMM_WORLD, 1, (int[]){3}, (int[]){1}, &rank);
	CHECK(rank == corpus_rank || (corpus_rank == 3 && rank == MPI_UNDEFINED));
	MPI_Comm_free(&point);
	MPI_Comm_free(&row);
	MPI_Comm_free(&column);
	MPI_Comm_free(&cart);
	return corpus_finish();
}
