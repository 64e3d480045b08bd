/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Buffer_detach waits for what is still in the buffer: nothing of it may be lost.
 *
 * corpus: ranks=2
 */
#include "corpus.h"

enum { N = 1000, MESSAGES = 50 };

int main(int argc, char **argv)
{
	int data[N], size;
	void *p;

	corpus_init(&argc, &argv);
	MPI_Pack_size(N, MPI_INT, MPI_COMM_WORLD, &size);
	size = MESSAGES * (size + MPI_BSEND_OVERHEAD);
	for (long round = 0; round < corpus_rounds; round++) {
		if (corpus_rank == 0) {
			void *buffer = malloc((size_t)size);

			MPI_Buffer_attach(buffer, size);
			for (int m = 0; m < MESSAGES; m++) {
				corpus_fill(data, N, m, round);
				MPI_Bsend(data, N, MPI_INT, 1, m, MPI_COMM_WORLD);
				memset(data, -1, sizeof(data));
			}
			MPI_Buffer_detach(&p, &size);
			CHECK(p == buffer);
			memset(buffer, -1, (size_t)size);
			free(buffer);
			MPI_Recv(NULL, 0, MPI_INT, 1, 77, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		} else {
			for (int m = MESSAGES - 1; m >= 0; m--) {
				MPI_Recv(data, N, MPI_INT, 0, m, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
				corpus_expect(data, N, m, round);
			}
			MPI_Send(NULL, 0, MPI_INT, 0, 77, MPI_COMM_WORLD);
		}
	}
	return corpus_finish();
}
