/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random non-blocking traffic between all ranks with seeded sizes and tags; every message carries
 * its sequence number, and nothing may be lost, doubled or reordered.
 *
 * corpus: ranks=3,4
 */
#include "corpus.h"

enum { FLIGHT = 24, MOST = 6000 };

int main(int argc, char **argv)
{
	static int out[FLIGHT][MOST], in[FLIGHT][MOST];
	MPI_Request requests[2 * FLIGHT];
	MPI_Status statuses[2 * FLIGHT];
	uint64_t plan = 42; /* the same on all ranks: everybody knows who sends what to whom */

	corpus_init(&argc, &argv);
	for (long round = 0; round < corpus_rounds * 10; round++) {
		int n = 0, from[2 * FLIGHT], size[2 * FLIGHT], slot[2 * FLIGHT];

		for (int m = 0; m < FLIGHT; m++) {
			int source = (int)(corpus_random(&plan) % (unsigned)corpus_size);
			int target = (int)(corpus_random(&plan) % (unsigned)corpus_size);
			int tag = (int)(corpus_random(&plan) % 3);
			int length = (int)(corpus_random(&plan) % (m % 6 ? 50 : MOST));

			if (target == corpus_rank) {
				from[n] = source, size[n] = length, slot[n] = m;
				MPI_Irecv(in[m], MOST, MPI_INT, source, tag, MPI_COMM_WORLD,
					  &requests[n++]);
			}
			if (source == corpus_rank) {
				corpus_fill(out[m], length, source, round * FLIGHT + m);
				from[n] = -1;
				MPI_Isend(out[m], length, MPI_INT, target, tag, MPI_COMM_WORLD,
					  &requests[n++]);
			}
		}
		MPI_Waitall(n, requests, statuses);
		for (int r = 0; r < n; r++) {
			int count;

			if (from[r] < 0)
				continue;
			MPI_Get_count(&statuses[r], MPI_INT, &count);
			CHECK_INT(count, size[r]);
			CHECK_INT(statuses[r].MPI_SOURCE, from[r]);
			corpus_expect(in[slot[r]], count, from[r], round * FLIGHT + slot[r]);
		}
	}
	return corpus_finish();
}
