/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Rooted collectives on an intercommunicator: MPI_ROOT, MPI_PROC_NULL, and the other side.
 *
 * corpus: ranks=2,3,4
 */
#include "corpus.h"

enum { N = 64 };

int main(int argc, char **argv)
{
	MPI_Comm part, inter;
	int rank, remote, data[N];

	corpus_init(&argc, &argv);
	int side = corpus_rank % 2;

	MPI_Comm_split(MPI_COMM_WORLD, side, corpus_rank, &part);
	MPI_Intercomm_create(part, 0, MPI_COMM_WORLD, 1 - side, 3, &inter);
	MPI_Comm_rank(inter, &rank);
	MPI_Comm_remote_size(inter, &remote);
	int *all = malloc((size_t)remote * N * sizeof(int));

	for (long round = 0; round < corpus_rounds * 2; round++) {
		int root_side = (int)(round % 2); /* the root is rank 0 of this side */
		int root = side != root_side ? 0 : rank == 0 ? MPI_ROOT : MPI_PROC_NULL;

		corpus_fill(data, N, corpus_rank, round);
		MPI_Bcast(data, N, MPI_INT, root, inter);
		if (side != root_side)
			corpus_expect(data, N, root_side, round);
		corpus_fill(data, N, corpus_rank, round);
		MPI_Gather(data, N, MPI_INT, all, N, MPI_INT, root, inter);
		for (int r = 0; root == MPI_ROOT && r < remote; r++)
			corpus_expect(all + r * N, N, 2 * r + 1 - side, round);
		for (int r = 0; r < remote; r++)
			corpus_fill(all + r * N, N, corpus_rank + 100 * r, round);
		MPI_Scatter(all, N, MPI_INT, data, N, MPI_INT, root, inter);
		if (side != root_side)
			corpus_expect(data, N, root_side + 100 * rank, round);
		corpus_fill(data, N, corpus_rank, round);
		MPI_Reduce(data, all, N, MPI_INT, MPI_SUM, root, inter);
		for (int i = 0; root == MPI_ROOT && i < N; i++) {
			int want = 0;

			for (int r = 0; r < remote; r++)
				want += corpus_value(2 * r + 1 - side, round, i);
			CHECK_INT(all[i], want);
		}
		MPI_Barrier(inter);
	}
	free(all);
	MPI_Comm_free(&inter);
	MPI_Comm_free(&part);
	return corpus_finish();
}
