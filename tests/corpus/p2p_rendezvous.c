/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Messages of 4 MiB in both directions at once, far beyond any eager limit.
 *
 * corpus: ranks=2,4
 */
#include "corpus.h"

enum { N = 1 << 20 };

int main(int argc, char **argv)
{
	int *out = malloc(N * sizeof(int)), *in = malloc(N * sizeof(int));
	MPI_Request requests[2];

	corpus_init(&argc, &argv);
	int peer = corpus_rank ^ 1;

	for (long round = 0; round < corpus_rounds; round++) {
		corpus_fill(out, N, corpus_rank, round);
		MPI_Irecv(in, N, MPI_INT, peer, 1, MPI_COMM_WORLD, &requests[0]);
		MPI_Isend(out, N, MPI_INT, peer, 1, MPI_COMM_WORLD, &requests[1]);
		MPI_Waitall(2, requests, MPI_STATUSES_IGNORE);
		corpus_expect(in, N, peer, round);
	}
	free(out);
	free(in);
	return corpus_finish();
}
