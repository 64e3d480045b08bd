/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program built with stack protectors everywhere, fortified functions and immediate binding.
 *
 * corpus: ranks=2
 * corpus: flags=-fstack-protector-all -D_FORTIFY_SOURCE=2 -fcf-protection=full -Wl,-z,now,-z,relro
 * -pie -fPIE
 */
#include "corpus.h"

static int sum_up(const void *in, int n)
{
	char copy[400];
	int sum = 0;

	memcpy(copy, in, (size_t)n * sizeof(int));
	for (int i = 0; i < n; i++)
		sum += ((int *)(void *)copy)[i];
	return sum;
}

static void add(void *in, void *inout, int *n, MPI_Datatype *type)
{
	char local[64];

	(void)type;
	snprintf(local, sizeof(local), "%d", *n);
	for (int i = 0; i < atoi(local); i++)
		((int *)inout)[i] += ((int *)in)[i];
}

int main(int argc, char **argv)
{
	int data[100], total[100];
	MPI_Op op;

	corpus_init(&argc, &argv);
	MPI_Op_create(add, 1, &op);
	for (long round = 0; round < corpus_rounds; round++) {
		corpus_fill(data, 100, corpus_rank, round);
		MPI_Allreduce(data, total, 100, MPI_INT, op, MPI_COMM_WORLD);
		int want = 0;
		for (int r = 0; r < corpus_size; r++)
			for (int i = 0; i < 100; i++)
				want += corpus_value(r, round, i);
		CHECK_INT(sum_up(total, 100), want);
		corpus_add_int(want);
	}
	MPI_Op_free(&op);
	return corpus_finish();
}
