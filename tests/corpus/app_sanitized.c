/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program built with the address and undefined-behaviour sanitizers.
 *
 * corpus: ranks=2
 * corpus: flags=-fsanitize=address,undefined -static-libasan -fno-omit-frame-pointer
 * corpus: env=ASAN_OPTIONS=detect_leaks=0:halt_on_error=1
 */
#include "corpus.h"

static void sum(void *in, void *inout, int *n, MPI_Datatype *type)
{
	(void)type;
	for (int i = 0; i < *n; i++)
		((int *)inout)[i] += ((int *)in)[i];
}

int main(int argc, char **argv)
{
	MPI_Op op;

	corpus_init(&argc, &argv);
	MPI_Op_create(sum, 1, &op);
	for (long round = 0; round < corpus_rounds; round++) {
		int *data = malloc(1000 * sizeof(int)), *total = malloc(1000 * sizeof(int));

		corpus_fill(data, 1000, corpus_rank, round);
		MPI_Allreduce(data, total, 1000, MPI_INT, op, MPI_COMM_WORLD);
		for (int i = 0; i < 1000; i++)
			CHECK_INT(total[i], corpus_value(0, round, i) + corpus_value(1, round, i));
		corpus_add(total, 1000 * sizeof(int));
		MPI_Sendrecv_replace(data, 1000, MPI_INT, 1 - corpus_rank, 0, 1 - corpus_rank, 0,
				     MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		corpus_expect(data, 1000, 1 - corpus_rank, round);
		free(data);
		free(total);
	}
	MPI_Op_free(&op);
	return corpus_finish();
}
