/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * OpenMP threads that all call MPI, and parallel loops between the calls.
 *
 * corpus: ranks=1,2
 * corpus: flags=-fopenmp
 * corpus: env=OMP_NUM_THREADS=4
 */
#include "corpus.h"
#include <omp.h>

enum { N = 2000, THREADS = 4 };

int main(int argc, char **argv)
{
	static int out[THREADS][N], in[THREADS][N];
	int provided;

	MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &provided);
	corpus_start();
	int peer = (corpus_rank + 1) % corpus_size,
	    from = (corpus_rank + corpus_size - 1) % corpus_size;

	for (long round = 0; round < corpus_rounds; round++) {
		long long total = 0;

#pragma omp parallel num_threads(THREADS) reduction(+ : total)
		{
			int t = omp_get_thread_num();
			MPI_Request requests[2];

			CHECK_INT(omp_get_num_threads(), THREADS);
			corpus_fill(out[t], N, corpus_rank * THREADS + t, round);
			MPI_Irecv(in[t], N, MPI_INT, from, t, MPI_COMM_WORLD, &requests[0]);
			MPI_Isend(out[t], N, MPI_INT, peer, t, MPI_COMM_WORLD, &requests[1]);
			MPI_Waitall(2, requests, MPI_STATUSES_IGNORE);
#pragma omp barrier
#pragma omp for schedule(dynamic, 50)
			for (int i = 0; i < N; i++)
				for (int k = 0; k < THREADS; k++)
					total += in[k][i];
#pragma omp critical
			MPI_Sendrecv(&t, 1, MPI_INT, corpus_rank, 100, &t, 1, MPI_INT, corpus_rank,
				     100, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		}
		long long want = 0;
		for (int t = 0; t < THREADS; t++) {
			corpus_expect(in[t], N, from * THREADS + t, round);
			for (int i = 0; i < N; i++)
				want += in[t][i];
		}
		CHECK_INT(total, want);
	}
	return corpus_finish();
}
