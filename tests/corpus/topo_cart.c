/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A Cartesian topology: dimensions, coordinates, shifts, and a stencil exchange along it.
 *
 * corpus: ranks=1,4
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	int dims[2] = {0, 0}, periods[2] = {0, 1}, got_dims[2], got_periods[2], coords[2], n,
	    status, rank;
	MPI_Comm cart;

	corpus_init(&argc, &argv);
	MPI_Dims_create(corpus_size, 2, dims);
	CHECK_INT(dims[0] * dims[1], corpus_size);
	MPI_Cart_create(MPI_COMM_WORLD, 2, dims, periods, 1, &cart);
	MPI_Topo_test(cart, &status);
	CHECK_INT(status, MPI_CART);
	MPI_Topo_test(MPI_COMM_WORLD, &status);
	CHECK_INT(status, MPI_UNDEFINED);
	MPI_Cartdim_get(cart, &n);
	CHECK_INT(n, 2);
	MPI_Cart_get(cart, 2, got_dims, got_periods, coords);
	for (int d = 0; d < 2; d++) {
		CHECK_INT(got_dims[d], dims[d]);
		CHECK_INT(got_periods[d], periods[d]);
	}
	MPI_Cart_rank(cart, coords, &rank);
	int mine;
	MPI_Comm_rank(cart, &mine);
	CHECK_INT(rank, mine);
	for (int r = 0; r < corpus_size; r++) {
		MPI_Cart_coords(cart, r, 2, coords);
		CHECK_INT(coords[0] * dims[1] + coords[1], r);
		coords[1] += dims[1]; /* periodic: one turn more is the same place */
		MPI_Cart_rank(cart, coords, &rank);
		CHECK_INT(rank, r);
	}
	MPI_Cart_coords(cart, mine, 2, coords);
	for (long round = 0; round < corpus_rounds; round++)
		for (int d = 0; d < 2; d++) {
			int from, to, value = corpus_value(mine, round, d), in = -1;

			MPI_Cart_shift(cart, d, 1, &from, &to);
			if (d == 0 && coords[0] == 0)
				CHECK_INT(from, MPI_PROC_NULL);
			MPI_Sendrecv(&value, 1, MPI_INT, to, d, &in, 1, MPI_INT, from, d, cart,
				     MPI_STATUS_IGNORE);
			CHECK_INT(in, from == MPI_PROC_NULL ? -1 : corpus_value(from, round, d));
			corpus_add_int(in);
		}
	MPI_Comm_free(&cart);
	return corpus_finish();
}
