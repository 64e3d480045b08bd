/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The four non-blocking modes, completed in the reverse order of their start.
 *
 * corpus: ranks=2,4
 */
#include "corpus.h"

enum { N = 3000 };

int main(int argc, char **argv)
{
	static int out[4][N], in[4][N];
	MPI_Request sends[4], receives[4];
	MPI_Status status;
	int token = 0, size, count;

	corpus_init(&argc, &argv);
	int peer = corpus_size - 1 - corpus_rank;
	MPI_Pack_size(N, MPI_INT, MPI_COMM_WORLD, &size);
	size += MPI_BSEND_OVERHEAD;
	char *buffer = malloc((size_t)size);

	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Buffer_attach(buffer, size);
		for (int mode = 0; mode < 4; mode++) {
			corpus_fill(out[mode], N, corpus_rank * 4 + mode, round);
			MPI_Irecv(in[mode], N, MPI_INT, peer, mode, MPI_COMM_WORLD,
				  &receives[mode]);
		}
		MPI_Sendrecv_replace(&token, 1, MPI_INT, peer, 9, peer, 9, MPI_COMM_WORLD, &status);
		MPI_Isend(out[0], N, MPI_INT, peer, 0, MPI_COMM_WORLD, &sends[0]);
		MPI_Issend(out[1], N, MPI_INT, peer, 1, MPI_COMM_WORLD, &sends[1]);
		MPI_Ibsend(out[2], N, MPI_INT, peer, 2, MPI_COMM_WORLD, &sends[2]);
		MPI_Irsend(out[3], N, MPI_INT, peer, 3, MPI_COMM_WORLD, &sends[3]);
		for (int mode = 3; mode >= 0; mode--) {
			MPI_Wait(&receives[mode], &status);
			CHECK(receives[mode] == MPI_REQUEST_NULL);
			CHECK_INT(status.MPI_TAG, mode);
			MPI_Get_count(&status, MPI_INT, &count);
			CHECK_INT(count, N);
			corpus_expect(in[mode], N, peer * 4 + mode, round);
			MPI_Wait(&sends[mode], MPI_STATUS_IGNORE);
			CHECK(sends[mode] == MPI_REQUEST_NULL);
		}
		void *detached;
		int detached_size;
		MPI_Buffer_detach(&detached, &detached_size);
		CHECK(detached == buffer && detached_size == size);
	}
	free(buffer);
	return corpus_finish();
}
