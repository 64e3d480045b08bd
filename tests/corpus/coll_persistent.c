/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Open MPI's extension of persistent collectives: made once, started every round, on several
 * communicators, with a neighbourhood one among them.
 *
 * corpus: ranks=1,2,4
 * corpus: refused-while=persistent collective
 */
#include "corpus.h"
#include <mpi-ext.h>

enum { N = 60 };

int main(int argc, char **argv)
{
	int data[N], sum[N], root_data[N], part[2] = {0, 0}, mine;
	MPI_Request requests[4];
	MPI_Comm ring;

	corpus_init(&argc, &argv);
	int *all = malloc((size_t)corpus_size * N * sizeof(int));
	MPI_Cart_create(MPI_COMM_WORLD, 1, &corpus_size, (int[]){1}, 0, &ring);
	MPIX_Allreduce_init(data, sum, N, MPI_INT, MPI_SUM, MPI_COMM_WORLD, MPI_INFO_NULL,
			    &requests[0]);
	MPIX_Bcast_init(root_data, N, MPI_INT, 0, MPI_COMM_WORLD, MPI_INFO_NULL, &requests[1]);
	MPIX_Allgather_init(data, N, MPI_INT, all, N, MPI_INT, ring, MPI_INFO_NULL, &requests[2]);
	MPIX_Neighbor_allgather_init(&mine, 1, MPI_INT, part, 1, MPI_INT, ring, MPI_INFO_NULL,
				     &requests[3]);
	for (long round = 0; round < corpus_rounds * 3; round++) {
		corpus_fill(data, N, corpus_rank, round);
		mine = data[0];
		memset(root_data, 0, sizeof(root_data));
		if (corpus_rank == 0)
			corpus_fill(root_data, N, 0, round);
		MPI_Startall(4, requests);
		MPI_Waitall(4, requests, MPI_STATUSES_IGNORE);
		corpus_expect(root_data, N, 0, round);
		for (int i = 0; i < N; i++) {
			int want = 0;

			for (int r = 0; r < corpus_size; r++)
				want += corpus_value(r, round, i);
			CHECK_INT(sum[i], want);
		}
		for (int r = 0; r < corpus_size; r++)
			corpus_expect(all + r * N, N, r, round);
		CHECK_INT(part[0],
			  corpus_value((corpus_rank + corpus_size - 1) % corpus_size, round, 0));
		CHECK_INT(part[1], corpus_value((corpus_rank + 1) % corpus_size, round, 0));
		corpus_add(sum, sizeof(sum));
	}
	for (int r = 0; r < 4; r++) {
		CHECK(requests[r] != MPI_REQUEST_NULL);
		MPI_Request_free(&requests[r]);
	}
	MPI_Comm_free(&ring);
	free(all);
	return corpus_finish();
}
