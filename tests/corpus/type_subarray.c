/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Subarrays in C and Fortran order, of three dimensions.
 *
 * corpus: ranks=2,4
 */
#include "corpus.h"

enum { X = 10, Y = 8, Z = 6 };

int main(int argc, char **argv)
{
	int out[X][Y][Z], in[X][Y][Z];
	int sizes[3] = {X, Y, Z}, parts[3] = {4, 3, 2}, starts[3] = {5, 1, 3};
	int back_sizes[3] = {Z, Y, X}, back_parts[3] = {2, 3, 4}, back_starts[3] = {3, 1, 5};
	MPI_Datatype c_order, fortran_order;

	corpus_init(&argc, &argv);
	int peer = corpus_rank ^ 1;

	MPI_Type_create_subarray(3, sizes, parts, starts, MPI_ORDER_C, MPI_INT, &c_order);
	MPI_Type_create_subarray(3, back_sizes, back_parts, back_starts, MPI_ORDER_FORTRAN, MPI_INT,
				 &fortran_order);
	MPI_Type_commit(&c_order);
	MPI_Type_commit(&fortran_order);
	for (long round = 0; round < corpus_rounds; round++) {
		corpus_fill(&out[0][0][0], X * Y * Z, corpus_rank, round);
		memset(in, -1, sizeof(in));
		MPI_Sendrecv(out, 1, round % 2 ? c_order : fortran_order, peer, 1, in, 1,
			     round % 3 ? c_order : fortran_order, peer, 1, MPI_COMM_WORLD,
			     MPI_STATUS_IGNORE);
		for (int x = 0; x < X; x++)
			for (int y = 0; y < Y; y++)
				for (int z = 0; z < Z; z++) {
					int inside = x >= 5 && x < 9 && y >= 1 && y < 4 && z >= 3 &&
						     z < 5;

					CHECK_INT(in[x][y][z],
						  inside ? corpus_value(peer, round,
									(x * Y + y) * Z + z)
							 : -1);
				}
		corpus_add(in, sizeof(in));
	}
	MPI_Type_free(&c_order);
	MPI_Type_free(&fortran_order);
	return corpus_finish();
}
