/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A hundred thousand types made and freed, nested ones whose parts are freed first, and a thousand
 * alive at once.
 *
 * corpus: ranks=2
 */
#include "corpus.h"

enum { CHURN = 30000, ALIVE = 1000 };

int main(int argc, char **argv)
{
	static MPI_Datatype alive[ALIVE];
	MPI_Datatype inner, outer;
	int data[64], in[64], size;

	corpus_init(&argc, &argv);
	int peer = 1 - corpus_rank;

	for (long round = 0; round < corpus_rounds; round++) {
		for (int i = 0; i < CHURN; i++) {
			MPI_Type_vector(4, 2, 5, MPI_INT, &inner);
			MPI_Type_contiguous(2, inner, &outer);
			MPI_Type_free(&inner);
			if (i % 1000 == 0) {
				MPI_Type_commit(&outer);
				corpus_fill(data, 64, corpus_rank, round);
				MPI_Sendrecv(data, 1, outer, peer, 1, in, 16, MPI_INT, peer, 1,
					     MPI_COMM_WORLD, MPI_STATUS_IGNORE);
				for (int k = 0; k < 16; k++)
					CHECK_INT(in[k],
						  corpus_value(peer, round,
							       k / 8 * 17 + k % 8 / 2 * 5 + k % 2));
				corpus_add(in, 16 * sizeof(int));
			}
			MPI_Type_free(&outer);
		}
	}
	alive[0] = MPI_INT;
	for (int i = 1; i < ALIVE; i++)
		MPI_Type_create_resized(alive[i / 2], 0, 4 * i, &alive[i]);
	for (int i = ALIVE - 1; i > 0; i--) {
		MPI_Type_size(alive[i], &size);
		CHECK_INT(size, 4);
		MPI_Type_free(&alive[i]);
	}
	return corpus_finish();
}
