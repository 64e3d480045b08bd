/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Collectives of all with all on an intercommunicator: each side gets what the other one gave.
 *
 * corpus: ranks=2,3,4
 */
#include "corpus.h"

enum { N = 48 };

int main(int argc, char **argv)
{
	MPI_Comm part, inter;
	MPI_Request request;
	int rank, remote, mine[N];

	corpus_init(&argc, &argv);
	int side = corpus_rank % 2;

	MPI_Comm_split(MPI_COMM_WORLD, side, corpus_rank, &part);
	MPI_Intercomm_create(part, 0, MPI_COMM_WORLD, 1 - side, 3, &inter);
	MPI_Comm_rank(inter, &rank);
	MPI_Comm_remote_size(inter, &remote);
	int *out = malloc((size_t)remote * N * sizeof(int)),
	    *in = malloc((size_t)remote * N * sizeof(int));
	int counts[remote], offsets[remote];

	for (int r = 0; r < remote; r++)
		counts[r] = N, offsets[r] = (remote - 1 - r) * N;
	for (long round = 0; round < corpus_rounds; round++) {
		corpus_fill(mine, N, corpus_rank, round);
		MPI_Allgather(mine, N, MPI_INT, in, N, MPI_INT, inter);
		for (int r = 0; r < remote; r++)
			corpus_expect(in + r * N, N, 2 * r + 1 - side, round);
		MPI_Allgatherv(mine, N, MPI_INT, in, counts, offsets, MPI_INT, inter);
		for (int r = 0; r < remote; r++)
			corpus_expect(in + offsets[r], N, 2 * r + 1 - side, round);
		for (int r = 0; r < remote; r++)
			corpus_fill(out + r * N, N, corpus_rank * 10 + r, round);
		MPI_Alltoall(out, N, MPI_INT, in, N, MPI_INT, inter);
		for (int r = 0; r < remote; r++)
			corpus_expect(in + r * N, N, (2 * r + 1 - side) * 10 + rank, round);
		MPI_Allreduce(mine, in, N, MPI_INT, MPI_SUM, inter);
		for (int i = 0; i < N; i++) {
			int want = 0;

			for (int r = 0; r < remote; r++)
				want += corpus_value(2 * r + 1 - side, round, i);
			CHECK_INT(in[i], want);
		}
		corpus_add(in, N * sizeof(int));
		memset(in, 0, N * sizeof(int));
		MPI_Iallgather(mine, N, MPI_INT, in, N, MPI_INT, inter, &request);
		MPI_Wait(&request, MPI_STATUS_IGNORE);
		for (int r = 0; r < remote; r++)
			corpus_expect(in + r * N, N, 2 * r + 1 - side, round);
	}
	free(out);
	free(in);
	MPI_Comm_free(&inter);
	MPI_Comm_free(&part);
	return corpus_finish();
}
