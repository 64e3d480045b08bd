/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Neighbourhood collectives of all five kinds on a distributed graph: rank r sends to r+1 and r+2.
 *
 * corpus: ranks=1,3,4
 */
#include "corpus.h"

enum { N = 30 };

int main(int argc, char **argv)
{
	int out[2 * N], in[2 * N], sources[2], targets[2];
	int counts[2] = {N, N - 5}, offsets[2] = {0, N}, ones[2] = {1, 1};
	MPI_Aint bytes[2] = {0, N * sizeof(int)};
	MPI_Datatype types[2];
	MPI_Comm graph;

	corpus_init(&argc, &argv);
	for (int k = 0; k < 2; k++) {
		targets[k] = (corpus_rank + 1 + k) % corpus_size;
		sources[k] = (corpus_rank + 2 * corpus_size - 1 - k) % corpus_size;
		MPI_Type_contiguous(counts[k], MPI_INT, &types[k]);
		MPI_Type_commit(&types[k]);
	}
	MPI_Dist_graph_create_adjacent(MPI_COMM_WORLD, 2, sources, MPI_UNWEIGHTED, 2, targets,
				       MPI_UNWEIGHTED, MPI_INFO_NULL, 0, &graph);
	for (long round = 0; round < corpus_rounds; round++)
		for (int kind = 0; kind < 5; kind++) {
			memset(in, -1, sizeof(in));
			for (int k = 0; k < 2; k++)
				corpus_fill(out + k * N, N, corpus_rank * 2 + k, round + kind);
			if (kind == 0)
				MPI_Neighbor_allgather(out, N, MPI_INT, in, N, MPI_INT, graph);
			else if (kind == 1)
				MPI_Neighbor_allgatherv(out, N, MPI_INT, in, (int[]){N, N}, offsets,
							MPI_INT, graph);
			else if (kind == 2)
				MPI_Neighbor_alltoall(out, N, MPI_INT, in, N, MPI_INT, graph);
			else if (kind == 3)
				MPI_Neighbor_alltoallv(out, counts, offsets, MPI_INT, in, counts,
						       offsets, MPI_INT, graph);
			else
				MPI_Neighbor_alltoallw(out, ones, bytes, types, in, ones, bytes,
						       types, graph);
			for (int k = 0; k < 2; k++) {
				int which = kind < 2 ? 0 : k, n = kind < 3 ? N : counts[k];

				corpus_expect(in + k * N, n, sources[k] * 2 + which, round + kind);
				CHECK_INT(in[2 * N - 1] == -1, kind >= 3);
			}
		}
	for (int k = 0; k < 2; k++)
		MPI_Type_free(&types[k]);
	MPI_Comm_free(&graph);
	return corpus_finish();
}
