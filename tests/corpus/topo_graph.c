/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The general graph of MPI-1: created, read back, mapped; its dup keeps the topology.
 *
 * corpus: ranks=3,4
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	MPI_Comm ring, dup;
	int status, nodes, edges_count, rank, degree;

	corpus_init(&argc, &argv);
	int index[corpus_size], edges[2 * corpus_size], got_index[corpus_size],
		got_edges[2 * corpus_size];

	for (int r = 0; r < corpus_size; r++) {
		index[r] = 2 * (r + 1);
		edges[2 * r] = (r + corpus_size - 1) % corpus_size;
		edges[2 * r + 1] = (r + 1) % corpus_size;
	}
	MPI_Graph_create(MPI_COMM_WORLD, corpus_size, index, edges, 1, &ring);
	MPI_Topo_test(ring, &status);
	CHECK_INT(status, MPI_GRAPH);
	MPI_Comm_dup(ring, &dup);
	MPI_Topo_test(dup, &status);
	CHECK_INT(status, MPI_GRAPH);
	MPI_Comm_free(&ring);
	MPI_Graphdims_get(dup, &nodes, &edges_count);
	CHECK_INT(nodes, corpus_size);
	CHECK_INT(edges_count, 2 * corpus_size);
	MPI_Graph_get(dup, corpus_size, 2 * corpus_size, got_index, got_edges);
	CHECK(memcmp(index, got_index, sizeof(index)) == 0);
	CHECK(memcmp(edges, got_edges, sizeof(edges)) == 0);
	MPI_Graph_map(MPI_COMM_WORLD, corpus_size, index, edges, &rank);
	CHECK(rank >= 0 && rank < corpus_size);
	MPI_Comm_rank(dup, &rank);
	MPI_Graph_neighbors_count(dup, rank, &degree);
	CHECK_INT(degree, 2);
	int neighbours[2], in;
	MPI_Graph_neighbors(dup, rank, 2, neighbours);
	for (long round = 0; round < corpus_rounds; round++) {
		int mine = corpus_value(rank, round, 0);

		MPI_Sendrecv(&mine, 1, MPI_INT, neighbours[1], 1, &in, 1, MPI_INT, neighbours[0], 1,
			     dup, MPI_STATUS_IGNORE);
		CHECK_INT(in, corpus_value(neighbours[0], round, 0));
		corpus_add_int(in);
	}
	MPI_Comm_free(&dup);
	return corpus_finish();
}
