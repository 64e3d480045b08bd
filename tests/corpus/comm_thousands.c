/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Thousands of communicators made and freed, never many alive; then five hundred alive at once.
 *
 * corpus: ranks=2,3
 */
#include "corpus.h"

enum { CHURN = 1000, ALIVE = 500 };

int main(int argc, char **argv)
{
	static MPI_Comm alive[ALIVE];
	MPI_Comm comm;
	int value;

	corpus_init(&argc, &argv);
	for (long round = 0; round < corpus_rounds; round++) {
		for (int i = 0; i < CHURN; i++) {
			if (i % 3 == 0)
				MPI_Comm_split(MPI_COMM_WORLD, 0, -corpus_rank, &comm);
			else
				MPI_Comm_dup(MPI_COMM_WORLD, &comm);
			if (i % 100 == 0) {
				value = corpus_value(corpus_rank, round, i);
				MPI_Bcast(&value, 1, MPI_INT, corpus_size - 1, comm);
				CHECK_INT(value,
					  corpus_value(i % 3 ? corpus_size - 1 : 0, round, i));
				corpus_add_int(value);
			}
			MPI_Comm_free(&comm);
		}
	}
	for (int i = 0; i < ALIVE; i++)
		MPI_Comm_dup(i < 2 ? MPI_COMM_WORLD : alive[i / 2], &alive[i]);
	for (int i = 0; i < ALIVE; i++) {
		value = corpus_rank + i;
		MPI_Allreduce(MPI_IN_PLACE, &value, 1, MPI_INT, MPI_SUM, alive[(i * 7) % ALIVE]);
		CHECK_INT(value, corpus_size * (corpus_size - 1) / 2 + corpus_size * i);
	}
	for (int i = 0; i < ALIVE; i += 2)
		MPI_Comm_free(&alive[i]);
	MPI_Barrier(alive[ALIVE - 1]);
	for (int i = 1; i < ALIVE; i += 2)
		MPI_Comm_free(&alive[i]);
	return corpus_finish();
}
