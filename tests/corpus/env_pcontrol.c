/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Pcontrol with and without further arguments; MPI_Alloc_mem and MPI_Free_mem, whose memory is
 * used for messages.
 *
 * corpus: ranks=1,2
 */
#include "corpus.h"

enum { N = 100000 };

int main(int argc, char **argv)
{
	int *blocks[8];
	MPI_Info info;

	corpus_init(&argc, &argv);
	MPI_Pcontrol(0);
	MPI_Pcontrol(2, "region", 3.0);
	MPI_Info_create(&info);
	MPI_Info_set(info, "alloc_shared_noncontig", "true");
	for (long round = 0; round < corpus_rounds; round++) {
		for (int b = 0; b < 8; b++) {
			CHECK_INT(MPI_Alloc_mem(N * sizeof(int), b % 2 ? info : MPI_INFO_NULL,
						&blocks[b]),
				  MPI_SUCCESS);
			CHECK(blocks[b] != NULL && (uintptr_t)blocks[b] % sizeof(double) == 0);
			corpus_fill(blocks[b], N, corpus_rank + b, round);
		}
		for (int b = 0; b < 8; b += 2)
			MPI_Sendrecv(blocks[b], N, MPI_INT, corpus_rank, b, blocks[b + 1], N,
				     MPI_INT, corpus_rank, b, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		for (int b = 7; b >= 0; b--) {
			corpus_expect(blocks[b], N, corpus_rank + b / 2 * 2, round);
			MPI_Free_mem(blocks[b]);
		}
	}
	MPI_Info_free(&info);
	MPI_Pcontrol(1);
	return corpus_finish();
}
