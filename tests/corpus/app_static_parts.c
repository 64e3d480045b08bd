/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program with static runtime libraries, exported symbols and symbolic binding, stripped of
 * debugging.
 *
 * corpus: ranks=2
 * corpus: flags=-static-libgcc -rdynamic -s -Wl,-Bsymbolic -Wl,--hash-style=gnu -flto
 * -Wno-lto-type-mismatch
 */
#include "corpus.h"

int exported_value(long round);

int exported_value(long round)
{
	return corpus_value(corpus_rank, round, 3);
}

int main(int argc, char **argv)
{
	corpus_init(&argc, &argv);
	for (long round = 0; round < corpus_rounds; round++) {
		int value = exported_value(round), sum;

		MPI_Scan(&value, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
		CHECK_INT(sum, corpus_rank == 0 ? value : value + corpus_value(0, round, 3));
		corpus_add_int(sum);
	}
	return corpus_finish();
}
