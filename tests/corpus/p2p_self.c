/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Messages of a rank to itself, in MPI_COMM_SELF and in MPI_COMM_WORLD.
 *
 * corpus: ranks=1,2
 */
#include "corpus.h"

enum { N = 30000 };

int main(int argc, char **argv)
{
	static int out[N], in[N];
	MPI_Request requests[2];
	MPI_Status status;
	int count;

	corpus_init(&argc, &argv);
	for (long round = 0; round < corpus_rounds; round++)
		for (int n = 1; n <= N; n *= 10) {
			corpus_fill(out, n, corpus_rank, round);
			MPI_Irecv(in, n, MPI_INT, 0, 3, MPI_COMM_SELF, &requests[0]);
			MPI_Send(out, n, MPI_INT, 0, 3, MPI_COMM_SELF);
			MPI_Wait(&requests[0], &status);
			CHECK_INT(status.MPI_SOURCE, 0);
			corpus_expect(in, n, corpus_rank, round);
			memset(in, 0, sizeof(in));
			MPI_Isend(out, n, MPI_INT, corpus_rank, 4, MPI_COMM_WORLD, &requests[0]);
			MPI_Probe(MPI_ANY_SOURCE, 4, MPI_COMM_WORLD, &status);
			MPI_Get_count(&status, MPI_INT, &count);
			CHECK_INT(count, n);
			MPI_Irecv(in, n, MPI_INT, corpus_rank, 4, MPI_COMM_WORLD, &requests[1]);
			MPI_Waitall(2, requests, MPI_STATUSES_IGNORE);
			corpus_expect(in, n, corpus_rank, round);
		}
	return corpus_finish();
}
