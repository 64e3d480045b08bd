/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A one-dimensional heat equation with persistent halo exchange; open ends are MPI_PROC_NULL.
 *
 * corpus: ranks=1,2,4
 */
#include "corpus.h"

enum { N = 500 };

int main(int argc, char **argv)
{
	double u[N + 2], v[N + 2], total = 0, all;
	MPI_Request requests[4];

	corpus_init(&argc, &argv);
	int left = corpus_rank > 0 ? corpus_rank - 1 : MPI_PROC_NULL;
	int right = corpus_rank < corpus_size - 1 ? corpus_rank + 1 : MPI_PROC_NULL;

	for (int i = 0; i < N + 2; i++)
		u[i] = i == 0 || i == N + 1 ? 0 : corpus_value(corpus_rank, 0, i) / 1048576.0;
	MPI_Recv_init(&u[0], 1, MPI_DOUBLE, left, 1, MPI_COMM_WORLD, &requests[0]);
	MPI_Recv_init(&u[N + 1], 1, MPI_DOUBLE, right, 2, MPI_COMM_WORLD, &requests[1]);
	MPI_Send_init(&u[1], 1, MPI_DOUBLE, left, 2, MPI_COMM_WORLD, &requests[2]);
	MPI_Send_init(&u[N], 1, MPI_DOUBLE, right, 1, MPI_COMM_WORLD, &requests[3]);
	for (long step = 0; step < corpus_rounds * 50; step++) {
		MPI_Startall(4, requests);
		MPI_Waitall(4, requests, MPI_STATUSES_IGNORE);
		for (int i = 1; i <= N; i++)
			v[i] = u[i] + 0.25 * (u[i - 1] - 2 * u[i] + u[i + 1]);
		memcpy(&u[1], &v[1], N * sizeof(double));
	}
	for (int i = 1; i <= N; i++)
		total += u[i];
	CHECK(total > 0 && total < N);
	corpus_add(u + 1, N * sizeof(double));
	MPI_Reduce(&total, &all, 1, MPI_DOUBLE, MPI_MAX, 0, MPI_COMM_WORLD);
	if (corpus_rank == 0)
		printf("warmest part %.15g\n", all);
	for (int i = 0; i < 4; i++)
		MPI_Request_free(&requests[i]);
	return corpus_finish();
}
