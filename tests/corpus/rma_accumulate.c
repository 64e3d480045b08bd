/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Accumulate with MPI_REPLACE, bitwise and minimum operations, and with a derived target type.
 *
 * corpus: ranks=2,4
 * corpus: refused-while=a window|windows|osc_rdma
 */
#include "corpus.h"

enum { N = 100 };

int main(int argc, char **argv)
{
	static int window[4][2 * N], out[N];
	MPI_Datatype every_second;
	MPI_Win win;

	corpus_init(&argc, &argv);
	MPI_Type_vector(N, 1, 2, MPI_INT, &every_second);
	MPI_Type_commit(&every_second);
	MPI_Win_create(window, sizeof(window), sizeof(int), MPI_INFO_NULL, MPI_COMM_WORLD, &win);
	for (long round = 0; round < corpus_rounds; round++) {
		memset(window, 0, sizeof(window));
		memset(window[1], 0x7f, sizeof(window[1]));
		corpus_fill(out, N, corpus_rank, round);
		MPI_Win_fence(0, win);
		for (int r = 0; r < corpus_size; r++) {
			MPI_Accumulate(out, N, MPI_INT, r, 0, N, MPI_INT, MPI_BXOR, win);
			MPI_Accumulate(out, N, MPI_INT, r, 2 * N, N, MPI_INT, MPI_MIN, win);
			MPI_Accumulate(out, N, MPI_INT, r, 4 * N, 1, every_second, MPI_SUM, win);
		}
		int target = (corpus_rank + 1) % corpus_size;
		MPI_Accumulate(out, N, MPI_INT, target, 6 * N, N, MPI_INT, MPI_REPLACE, win);
		MPI_Win_fence(0, win);
		for (int i = 0; i < N; i++) {
			int bits = 0, least = 0x7f7f7f7f, sum = 0;

			for (int r = 0; r < corpus_size; r++) {
				int v = corpus_value(r, round, i);

				bits ^= v;
				sum += v;
				least = v < least ? v : least;
			}
			CHECK_INT(window[0][i], bits);
			CHECK_INT(window[1][i], least);
			CHECK_INT(window[2][2 * i], sum);
			CHECK_INT(window[2][2 * i + 1], 0);
		}
		corpus_expect(window[3], N, (corpus_rank + corpus_size - 1) % corpus_size, round);
		corpus_add(window, sizeof(window));
	}
	MPI_Win_free(&win);
	MPI_Type_free(&every_second);
	return corpus_finish();
}
