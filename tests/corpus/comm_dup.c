/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Duplicates of a communicator keep messages and collectives apart, and compare as congruent.
 *
 * corpus: ranks=1,2,4
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	MPI_Comm dups[3];
	int result, in[3];

	corpus_init(&argc, &argv);
	int next = (corpus_rank + 1) % corpus_size;
	int prev = (corpus_rank + corpus_size - 1) % corpus_size;

	MPI_Comm_dup(MPI_COMM_WORLD, &dups[0]);
	MPI_Comm_dup(dups[0], &dups[1]);
	MPI_Comm_dup_with_info(dups[1], MPI_INFO_NULL, &dups[2]);
	for (int a = 0; a < 3; a++) {
		MPI_Comm_compare(MPI_COMM_WORLD, dups[a], &result);
		CHECK_INT(result, MPI_CONGRUENT);
		MPI_Comm_compare(dups[a], dups[a], &result);
		CHECK_INT(result, MPI_IDENT);
	}
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Request requests[3];

		/* the same envelope in three communicators, received in another order than sent */
		for (int c = 0; c < 3; c++)
			MPI_Irecv(&in[c], 1, MPI_INT, prev, 5, dups[c], &requests[c]);
		for (int c = 2; c >= 0; c--) {
			int value = corpus_value(corpus_rank, round, c);

			MPI_Send(&value, 1, MPI_INT, next, 5, dups[c]);
		}
		MPI_Waitall(3, requests, MPI_STATUSES_IGNORE);
		for (int c = 0; c < 3; c++) {
			CHECK_INT(in[c], corpus_value(prev, round, c));
			int top;
			MPI_Allreduce(&in[c], &top, 1, MPI_INT, MPI_MAX, dups[c]);
			corpus_add_int(top);
		}
	}
	for (int c = 0; c < 3; c++) {
		MPI_Comm_free(&dups[c]);
		CHECK(dups[c] == MPI_COMM_NULL);
	}
	return corpus_finish();
}
