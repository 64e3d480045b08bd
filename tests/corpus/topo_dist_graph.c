/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Distributed graphs: made from edges that other ranks name, weighted and not, and empty.
 *
 * Each round makes them on a communicator of its own. Open MPI 4.1.4 sends edges with tags -50 and
 * -51 on the given one, takes them from any rank, and its non-blocking collectives, of which each
 * making of a communicator takes three, number their tags from -27 down: at the 23rd a quick rank's
 * message is taken for an edge, and all wait for ever, under plain mpirun, too.
 *
 * corpus: ranks=2,4
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	MPI_Comm base, graph, lonely;
	int indegree, outdegree, weighted, status, in;

	corpus_init(&argc, &argv);
	int next = (corpus_rank + 1) % corpus_size, after = (corpus_rank + 2) % corpus_size;
	int prev = (corpus_rank + corpus_size - 1) % corpus_size;

	for (long round = 0; round < corpus_rounds; round++) {
		/* each rank names the edge that its right neighbour has to the next one */
		int source = next, degree = 1, target = after, weight = 10 + next;

		MPI_Comm_dup(MPI_COMM_WORLD, &base);
		MPI_Dist_graph_create(base, 1, &source, &degree, &target,
				      round % 2 ? MPI_UNWEIGHTED : &weight, MPI_INFO_NULL, 0,
				      &graph);
		MPI_Topo_test(graph, &status);
		CHECK_INT(status, MPI_DIST_GRAPH);
		MPI_Dist_graph_neighbors_count(graph, &indegree, &outdegree, &weighted);
		CHECK_INT(indegree, 1);
		CHECK_INT(outdegree, 1);
		CHECK_INT(weighted, round % 2 == 0);
		int sources[1], targets[1], in_weights[1] = {0}, out_weights[1] = {0};
		MPI_Dist_graph_neighbors(graph, 1, sources, round % 2 ? MPI_UNWEIGHTED : in_weights,
					 1, targets, round % 2 ? MPI_UNWEIGHTED : out_weights);
		CHECK_INT(sources[0], prev);
		CHECK_INT(targets[0], next);
		if (round % 2 == 0) {
			CHECK_INT(in_weights[0], 10 + prev);
			CHECK_INT(out_weights[0], 10 + corpus_rank);
		}
		int mine = corpus_value(corpus_rank, round, 0);
		MPI_Neighbor_alltoall(&mine, 1, MPI_INT, &in, 1, MPI_INT, graph);
		CHECK_INT(in, corpus_value(prev, round, 0));
		corpus_add_int(in + out_weights[0]);
		MPI_Comm_free(&graph);
		MPI_Dist_graph_create_adjacent(MPI_COMM_WORLD, 0, NULL, MPI_WEIGHTS_EMPTY, 0, NULL,
					       MPI_WEIGHTS_EMPTY, MPI_INFO_NULL, 0, &lonely);
		MPI_Dist_graph_neighbors_count(lonely, &indegree, &outdegree, &weighted);
		CHECK_INT(indegree + outdegree, 0);
		MPI_Neighbor_alltoall(NULL, 1, MPI_INT, NULL, 1, MPI_INT, lonely);
		MPI_Comm_free(&lonely);
		MPI_Comm_free(&base);
	}
	return corpus_finish();
}
