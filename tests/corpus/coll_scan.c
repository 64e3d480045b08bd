/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Scan and MPI_Exscan: what lower ranks contribute, and the undefined result of rank 0.
 *
 * corpus: ranks=1,2,4
 */
#include "corpus.h"

enum { N = 100 };

int main(int argc, char **argv)
{
	int mine[N], result[N];

	corpus_init(&argc, &argv);
	for (long round = 0; round < corpus_rounds; round++)
		for (int place = 0; place < 2; place++) {
			corpus_fill(mine, N, corpus_rank, round);
			memcpy(result, mine, sizeof(result));
			MPI_Scan(place ? MPI_IN_PLACE : mine, result, N, MPI_INT, MPI_SUM,
				 MPI_COMM_WORLD);
			for (int i = 0; i < N; i++) {
				int want = 0;

				for (int r = 0; r <= corpus_rank; r++)
					want += corpus_value(r, round, i);
				CHECK_INT(result[i], want);
			}
			corpus_add(result, sizeof(result));
			memcpy(result, mine, sizeof(result));
			MPI_Exscan(place ? MPI_IN_PLACE : mine, result, N, MPI_INT, MPI_MAX,
				   MPI_COMM_WORLD);
			if (corpus_rank == 0)
				continue;
			for (int i = 0; i < N; i++) {
				int want = 0;

				for (int r = 0; r < corpus_rank; r++)
					if (corpus_value(r, round, i) > want)
						want = corpus_value(r, round, i);
				CHECK_INT(result[i], want);
			}
			corpus_add(result, sizeof(result));
		}
	return corpus_finish();
}
