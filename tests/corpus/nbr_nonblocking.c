/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The non-blocking neighbourhood collectives, all five pending at once on one graph.
 *
 * corpus: ranks=1,3,4
 */
#include "corpus.h"

enum { N = 25 };

int main(int argc, char **argv)
{
	int out[2 * N], in[5][2 * N], sources[2], targets[2];
	int counts[2] = {N, N - 3}, full[2] = {N, N}, offsets[2] = {0, N}, ones[2] = {1, 1};
	MPI_Aint bytes[2] = {0, N * sizeof(int)};
	MPI_Request requests[5];
	MPI_Comm graph;

	corpus_init(&argc, &argv);
	for (int k = 0; k < 2; k++) {
		targets[k] = (corpus_rank + 1 + k) % corpus_size;
		sources[k] = (corpus_rank + 2 * corpus_size - 1 - k) % corpus_size;
	}
	MPI_Dist_graph_create_adjacent(MPI_COMM_WORLD, 2, sources, full, 2, targets, full,
				       MPI_INFO_NULL, 0, &graph);
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Datatype types[2];

		for (int k = 0; k < 2; k++) {
			corpus_fill(out + k * N, N, corpus_rank * 2 + k, round);
			MPI_Type_contiguous(counts[k], MPI_INT, &types[k]);
			MPI_Type_commit(&types[k]);
		}
		memset(in, -1, sizeof(in));
		MPI_Ineighbor_allgather(out, N, MPI_INT, in[0], N, MPI_INT, graph, &requests[0]);
		MPI_Ineighbor_allgatherv(out, N, MPI_INT, in[1], full, offsets, MPI_INT, graph,
					 &requests[1]);
		MPI_Ineighbor_alltoall(out, N, MPI_INT, in[2], N, MPI_INT, graph, &requests[2]);
		MPI_Ineighbor_alltoallv(out, counts, offsets, MPI_INT, in[3], counts, offsets,
					MPI_INT, graph, &requests[3]);
		MPI_Ineighbor_alltoallw(out, ones, bytes, types, in[4], ones, bytes, types, graph,
					&requests[4]);
		for (int k = 0; k < 2; k++)
			MPI_Type_free(&types[k]);
		MPI_Waitall(5, requests, MPI_STATUSES_IGNORE);
		for (int kind = 0; kind < 5; kind++)
			for (int k = 0; k < 2; k++)
				corpus_expect(in[kind] + k * N, kind < 3 ? N : counts[k],
					      sources[k] * 2 + (kind < 2 ? 0 : k), round);
	}
	MPI_Comm_free(&graph);
	return corpus_finish();
}
