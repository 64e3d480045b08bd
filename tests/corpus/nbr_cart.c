/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Neighbor_allgather and MPI_Neighbor_alltoall on a Cartesian grid, open and periodic.
 *
 * corpus: ranks=1,2,4
 */
#include "corpus.h"

enum { N = 40 };

int main(int argc, char **argv)
{
	int dims[2] = {0, 0}, periods[2] = {1, 0}, out[4 * N], in[4 * N], neighbours[4];
	MPI_Comm cart;

	corpus_init(&argc, &argv);
	MPI_Dims_create(corpus_size, 2, dims);
	MPI_Cart_create(MPI_COMM_WORLD, 2, dims, periods, 0, &cart);
	MPI_Cart_shift(cart, 0, 1, &neighbours[0], &neighbours[1]);
	MPI_Cart_shift(cart, 1, 1, &neighbours[2], &neighbours[3]);
	for (long round = 0; round < corpus_rounds; round++) {
		corpus_fill(out, N, corpus_rank, round);
		memset(in, -1, sizeof(in));
		MPI_Neighbor_allgather(out, N, MPI_INT, in, N, MPI_INT, cart);
		for (int k = 0; k < 4; k++) {
			if (neighbours[k] == MPI_PROC_NULL)
				CHECK_INT(in[k * N], -1);
			else
				corpus_expect(in + k * N, N, neighbours[k], round);
		}
		/* in each of the four directions something else goes out */
		for (int k = 0; k < 4; k++)
			corpus_fill(out + k * N, N, corpus_rank * 4 + k, round);
		memset(in, -1, sizeof(in));
		MPI_Neighbor_alltoall(out, N, MPI_INT, in, N, MPI_INT, cart);
		for (int k = 0; k < 4; k++) {
			if (neighbours[k] == MPI_PROC_NULL)
				CHECK_INT(in[k * N], -1);
			else if (dims[k / 2] > 2) /* with two, both directions are the same rank */
				corpus_expect(in + k * N, N, neighbours[k] * 4 + (k ^ 1), round);
			corpus_add(in + k * N, N * sizeof(int));
		}
	}
	MPI_Comm_free(&cart);
	return corpus_finish();
}
