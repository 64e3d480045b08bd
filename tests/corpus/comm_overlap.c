/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Overlapping communicators: every pair of ranks has its own, made in different orders by different
 * ranks, and collectives on them are interleaved.
 *
 * corpus: ranks=3,4
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	MPI_Group world, pair;

	corpus_init(&argc, &argv);
	MPI_Comm with[corpus_size];
	MPI_Comm_group(MPI_COMM_WORLD, &world);
	/* all ranks go through the pairs in one order, so that nobody waits in a circle */
	for (int a = 0; a < corpus_size; a++)
		for (int b = a + 1; b < corpus_size; b++) {
			if (corpus_rank != a && corpus_rank != b)
				continue;
			MPI_Group_incl(world, 2, (int[]){a, b}, &pair);
			MPI_Comm_create_group(MPI_COMM_WORLD, pair, a * corpus_size + b,
					      &with[a + b - corpus_rank]);
			MPI_Group_free(&pair);
		}
	for (long round = 0; round < corpus_rounds * 5; round++) {
		MPI_Request requests[corpus_size];
		int out[corpus_size], in[corpus_size], sum[corpus_size];

		for (int other = 0; other < corpus_size; other++) {
			requests[other] = MPI_REQUEST_NULL;
			if (other == corpus_rank)
				continue;
			out[other] = corpus_value(corpus_rank, round, other);
			MPI_Iallreduce(&out[other], &sum[other], 1, MPI_INT, MPI_SUM, with[other],
				       &requests[other]);
			int place;
			MPI_Comm_rank(with[other], &place);
			MPI_Sendrecv(&out[other], 1, MPI_INT, 1 - place, 3, &in[other], 1, MPI_INT,
				     1 - place, 3, with[other], MPI_STATUS_IGNORE);
		}
		MPI_Waitall(corpus_size, requests, MPI_STATUSES_IGNORE);
		for (int other = 0; other < corpus_size; other++) {
			if (other == corpus_rank)
				continue;
			CHECK_INT(in[other], corpus_value(other, round, corpus_rank));
			CHECK_INT(sum[other], in[other] + out[other]);
			corpus_add_int(sum[other]);
		}
	}
	for (int other = 0; other < corpus_size; other++)
		if (other != corpus_rank)
			MPI_Comm_free(&with[other]);
	MPI_Group_free(&world);
	return corpus_finish();
}
