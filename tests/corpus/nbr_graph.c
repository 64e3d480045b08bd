/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Neighbourhood collectives on the old general graph (MPI_Graph_create): a star around rank 0.
 *
 * corpus: ranks=2,4
 */
#include "corpus.h"

enum { N = 12 };

int main(int argc, char **argv)
{
	corpus_init(&argc, &argv);
	int index[corpus_size], edges[2 * corpus_size], rank, degree, neighbours[corpus_size];
	int out[corpus_size * N], in[corpus_size * N];
	MPI_Comm star;

	for (int r = 0; r < corpus_size; r++)
		index[r] = corpus_size - 1 + r;
	for (int e = 0; e < corpus_size - 1; e++) {
		edges[e] = e + 1;
		edges[corpus_size - 1 + e] = 0;
	}
	MPI_Graph_create(MPI_COMM_WORLD, corpus_size, index, edges, 0, &star);
	MPI_Comm_rank(star, &rank);
	MPI_Graph_neighbors_count(star, rank, &degree);
	CHECK_INT(degree, rank == 0 ? corpus_size - 1 : 1);
	MPI_Graph_neighbors(star, rank, degree, neighbours);
	for (long round = 0; round < corpus_rounds; round++) {
		for (int k = 0; k < degree; k++)
			corpus_fill(out + k * N, N, rank * corpus_size + neighbours[k], round);
		MPI_Neighbor_alltoall(out, N, MPI_INT, in, N, MPI_INT, star);
		for (int k = 0; k < degree; k++)
			corpus_expect(in + k * N, N, neighbours[k] * corpus_size + rank, round);
		corpus_fill(out, N, rank, round);
		MPI_Neighbor_allgather(out, N, MPI_INT, in, N, MPI_INT, star);
		for (int k = 0; k < degree; k++)
			corpus_expect(in + k * N, N, neighbours[k], round);
	}
	MPI_Comm_free(&star);
	return corpus_finish();
}
