/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Standard streams: stdin ends, stdout of a child of rank 0, large output in one piece, stderr
 * text.
 *
 * corpus: ranks=2
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	char block[1000];

	corpus_init(&argc, &argv);
	corpus_linger();
	if (corpus_rank == 0) {
		CHECK_INT(getchar(), EOF);
		for (int line = 0; line < 200; line++) {
			memset(block, 'a' + line % 26, sizeof(block));
			block[sizeof(block) - 1] = '\0';
			puts(block);
		}
		fflush(stdout);
		fprintf(stderr, "stderr: one line\n");
	}
	MPI_Barrier(MPI_COMM_WORLD);
	return corpus_finish();
}
