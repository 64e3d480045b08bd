/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A profiling library that is linked before libmpi sees the calls, and the PMPI_ calls behind it
 * work.
 *
 * corpus: ranks=2,3
 * corpus: link=profile_linked
 */
#include "corpus.h"

int profile_sends(void);
long profile_bytes(void);

int main(int argc, char **argv)
{
	int data[100], in[100];

	corpus_init(&argc, &argv);
	int next = (corpus_rank + 1) % corpus_size,
	    prev = (corpus_rank + corpus_size - 1) % corpus_size;

	for (long round = 0; round < corpus_rounds; round++) {
		corpus_fill(data, 100, corpus_rank, round);
		MPI_Send(data, 100, MPI_INT, next, 1, MPI_COMM_WORLD);
		MPI_Recv(in, 100, MPI_INT, prev, 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		corpus_expect(in, 100, prev, round);
		CHECK_INT(profile_sends(), round + 1);
		CHECK_INT(profile_bytes(), (round + 1) * 400);
		PMPI_Send(data, 1, MPI_INT, next, 2, MPI_COMM_WORLD); /* not seen by the profile */
		MPI_Recv(in, 1, MPI_INT, prev, 2, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
	}
	corpus_add_int(profile_bytes());
	return corpus_finish();
}
