/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Persistent requests of all four modes, started together and completed by MPI_Waitsome.
 *
 * corpus: ranks=2,4
 */
#include "corpus.h"

enum { N = 400 };

int main(int argc, char **argv)
{
	static int out[4][N], in[4][N];
	MPI_Request requests[8];
	MPI_Status statuses[8];
	int size, n, indices[8];

	corpus_init(&argc, &argv);
	int peer = corpus_rank ^ 1;

	MPI_Pack_size(N, MPI_INT, MPI_COMM_WORLD, &size);
	size += MPI_BSEND_OVERHEAD;
	char *buffer = malloc((size_t)size);
	MPI_Buffer_attach(buffer, size);
	for (int mode = 0; mode < 4; mode++)
		MPI_Recv_init(in[mode], N, MPI_INT, peer, mode, MPI_COMM_WORLD, &requests[mode]);
	MPI_Send_init(out[0], N, MPI_INT, peer, 0, MPI_COMM_WORLD, &requests[4]);
	MPI_Ssend_init(out[1], N, MPI_INT, peer, 1, MPI_COMM_WORLD, &requests[5]);
	MPI_Bsend_init(out[2], N, MPI_INT, peer, 2, MPI_COMM_WORLD, &requests[6]);
	MPI_Rsend_init(out[3], N, MPI_INT, peer, 3, MPI_COMM_WORLD, &requests[7]);
	for (long round = 0; round < corpus_rounds; round++) {
		for (int mode = 0; mode < 4; mode++)
			corpus_fill(out[mode], N, corpus_rank * 4 + mode, round);
		MPI_Startall(4, requests);
		MPI_Barrier(MPI_COMM_WORLD); /* the ready send needs its receive */
		MPI_Startall(4, requests + 4);
		for (int left = 8; left > 0; left -= n) {
			MPI_Waitsome(8, requests, &n, indices, statuses);
			CHECK(n > 0);
			for (int i = 0; i < n; i++)
				if (indices[i] < 4)
					CHECK_INT(statuses[i].MPI_TAG, indices[i]);
		}
		MPI_Waitsome(8, requests, &n, indices, statuses);
		CHECK_INT(n, MPI_UNDEFINED); /* all inactive, though none is null */
		for (int mode = 0; mode < 4; mode++)
			corpus_expect(in[mode], N, peer * 4 + mode, round);
	}
	for (int i = 0; i < 8; i++) {
		CHECK(requests[i] != MPI_REQUEST_NULL);
		MPI_Request_free(&requests[i]);
	}
	MPI_Buffer_detach(&buffer, &size);
	free(buffer);
	return corpus_finish();
}
