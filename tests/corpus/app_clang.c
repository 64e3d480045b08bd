/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The same sources by another compiler: its code for calls, thread-local storage and OpenMP
 * runtime.
 *
 * corpus: ranks=2
 * corpus: needs=clang
 * corpus: env=OMP_NUM_THREADS=3
 * corpus: cc=clang
 * corpus: flags=-fopenmp -O3
 */
#include "corpus.h"
#include <omp.h>

static _Thread_local int mine = 5;

int main(int argc, char **argv)
{
	int provided, total = 0;

	MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &provided);
	corpus_start();
	for (long round = 0; round < corpus_rounds; round++) {
#pragma omp parallel num_threads(3) reduction(+ : total)
		{
			int t = omp_get_thread_num(), value = corpus_value(corpus_rank, round, t),
			    in;

			MPI_Sendrecv(&value, 1, MPI_INT, 1 - corpus_rank, t, &in, 1, MPI_INT,
				     1 - corpus_rank, t, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
			CHECK_INT(in, corpus_value(1 - corpus_rank, round, t));
			mine++;
			total += in;
		}
		corpus_add_int(total);
	}
	CHECK_INT(mine, 5 + corpus_rounds);
	return corpus_finish();
}
