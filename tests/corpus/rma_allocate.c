/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Windows of memory that MPI allocates, made and freed all the time: a rank is only ever stopped
 * for a snapshot or move just before it makes one.
 *
 * corpus: ranks=1,2
 * corpus: refused-while=a window|windows|osc_rdma
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	int *memory, value;
	MPI_Win win;

	corpus_init(&argc, &argv);
	for (long round = 0; round < corpus_rounds; round++) {
		usleep(3000);
		if (round % 2)
			MPI_Win_allocate_shared(sizeof(int), sizeof(int), MPI_INFO_NULL,
						MPI_COMM_SELF, &memory, &win);
		else
			MPI_Win_allocate(sizeof(int), sizeof(int), MPI_INFO_NULL, MPI_COMM_WORLD,
					 &memory, &win);
		*memory = -1;
		MPI_Win_fence(0, win);
		value = corpus_value(corpus_rank, round, 0);
		if (round % 2)
			*memory = value;
		else
			MPI_Put(&value, 1, MPI_INT, (corpus_rank + 1) % corpus_size, 0, 1, MPI_INT,
				win);
		MPI_Win_fence(0, win);
		value = *memory;
		CHECK_INT(value,
			  round % 2 ? corpus_value(corpus_rank, round, 0)
				    : corpus_value((corpus_rank + corpus_size - 1) % corpus_size,
						   round, 0));
		corpus_add_int(value);
		MPI_Win_free(&win);
	}
	return corpus_finish();
}
