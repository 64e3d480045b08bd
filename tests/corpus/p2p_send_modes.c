/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The four blocking modes side by side: standard, synchronous, buffered, ready.
 *
 * corpus: ranks=2,4
 */
#include "corpus.h"

enum { N = 500 };

int main(int argc, char **argv)
{
	int data[N], in[4][N], token = 0, size;
	MPI_Request requests[4];
	char *buffer;

	corpus_init(&argc, &argv);
	int peer = corpus_rank ^ 1;

	MPI_Pack_size(N, MPI_INT, MPI_COMM_WORLD, &size);
	size = 2 * (size + MPI_BSEND_OVERHEAD);
	buffer = malloc((size_t)size);
	MPI_Buffer_attach(buffer, size);
	for (long round = 0; round < corpus_rounds; round++) {
		for (int mode = 0; mode < 4; mode++)
			MPI_Irecv(in[mode], N, MPI_INT, peer, mode, MPI_COMM_WORLD,
				  &requests[mode]);
		/* a ready send is only allowed when its receive is known to be there */
		MPI_Sendrecv(&token, 1, MPI_INT, peer, 99, &token, 1, MPI_INT, peer, 99,
			     MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		corpus_fill(data, N, corpus_rank, round);
		MPI_Rsend(data, N, MPI_INT, peer, 3, MPI_COMM_WORLD);
		MPI_Bsend(data, N, MPI_INT, peer, 2, MPI_COMM_WORLD);
		MPI_Ssend(data, N, MPI_INT, peer, 1, MPI_COMM_WORLD);
		MPI_Send(data, N, MPI_INT, peer, 0, MPI_COMM_WORLD);
		MPI_Waitall(4, requests, MPI_STATUSES_IGNORE);
		for (int mode = 0; mode < 4; mode++)
			corpus_expect(in[mode], N, peer, round);
	}
	void *detached = NULL;
	int detached_size = 0;
	MPI_Buffer_detach(&detached, &detached_size);
	CHECK(detached == buffer);
	CHECK_INT(detached_size, size);
	free(buffer);
	return corpus_finish();
}
