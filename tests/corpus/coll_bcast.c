/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Bcast from every root, with sizes that make the library choose different algorithms, and with
 * a strided type on one side only.
 *
 * corpus: ranks=1,3,4
 */
#include "corpus.h"

enum { MOST = 60000 };

int main(int argc, char **argv)
{
	static int data[2 * MOST], packed[MOST];
	const int sizes[] = {0, 1, 10, 3000, MOST};
	MPI_Datatype every_second;

	corpus_init(&argc, &argv);
	MPI_Type_create_resized(MPI_INT, 0, 2 * sizeof(int), &every_second);
	MPI_Type_commit(&every_second);
	for (long round = 0; round < corpus_rounds; round++)
		for (int root = 0; root < corpus_size; root++)
			for (int s = 0; s < 5; s++) {
				int n = sizes[s];

				memset(data, 0, sizeof(data));
				if (corpus_rank == root)
					corpus_fill(data, n, root, round + s);
				if (corpus_rank == root || corpus_rank % 2 == 0) {
					MPI_Bcast(data, n, MPI_INT, root, MPI_COMM_WORLD);
					corpus_expect(data, n, root, round + s);
					continue;
				}
				MPI_Bcast(data, n, every_second, root, MPI_COMM_WORLD);
				for (int i = 0; i < n; i++) {
					packed[i] = data[2 * i];
					CHECK_INT(data[2 * i + 1], 0);
				}
				corpus_expect(packed, n, root, round + s);
			}
	MPI_Type_free(&every_second);
	return corpus_finish();
}
