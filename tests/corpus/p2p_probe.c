/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Probe with wildcards finds out who sent how much before the receive is posted.
 *
 * corpus: ranks=2,4
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	MPI_Status status, again;
	int count;

	corpus_init(&argc, &argv);
	for (long round = 0; round < corpus_rounds; round++) {
		if (corpus_rank != 0) {
			int n = corpus_rank * 1000 + (int)(round % 7);
			int *data = malloc((size_t)n * sizeof(int));

			corpus_fill(data, n, corpus_rank, round);
			MPI_Send(data, n, MPI_INT, 0, 100 + corpus_rank, MPI_COMM_WORLD);
			free(data);
		}
		for (int i = 1; corpus_rank == 0 && i < corpus_size; i++) {
			MPI_Probe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &status);
			CHECK_INT(status.MPI_TAG, 100 + status.MPI_SOURCE);
			MPI_Get_count(&status, MPI_INT, &count);
			CHECK_INT(count, status.MPI_SOURCE * 1000 + round % 7);
			/* a probe takes nothing away */
			MPI_Probe(status.MPI_SOURCE, status.MPI_TAG, MPI_COMM_WORLD, &again);
			int *data = malloc((size_t)count * sizeof(int));

			MPI_Recv(data, count, MPI_INT, status.MPI_SOURCE, status.MPI_TAG,
				 MPI_COMM_WORLD, MPI_STATUS_IGNORE);
			for (int j = 0; j < count; j++)
				CHECK_INT(data[j], corpus_value(status.MPI_SOURCE, round, j));
			/* the order of arrival is not ours to choose, so this sum must not depend
			 * on it */
			corpus_sum += (uint64_t)data[0] * (uint64_t)count;
			free(data);
		}
		MPI_Barrier(MPI_COMM_WORLD);
	}
	return corpus_finish();
}
