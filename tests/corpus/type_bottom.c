/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Absolute addresses: MPI_BOTTOM with MPI_Get_address, for data in three places of memory.
 *
 * corpus: ranks=2,4
 */
#include "corpus.h"

enum { N = 50 };

static int global_in[N], global_out[N];

int main(int argc, char **argv)
{
	int stack_in[N], stack_out[N], *heap_in = malloc(N * sizeof(int)),
				       *heap_out = malloc(N * sizeof(int));
	int *out[3] = {global_out, stack_out, heap_out}, *in[3] = {global_in, stack_in, heap_in};
	MPI_Aint from[3], to[3];
	int lengths[3] = {N, N, N};
	MPI_Datatype scattered, gathered;

	corpus_init(&argc, &argv);
	int peer = corpus_rank ^ 1;

	for (int k = 0; k < 3; k++) {
		MPI_Get_address(out[k], &from[k]);
		MPI_Get_address(in[k], &to[k]);
		CHECK(MPI_Aint_add(from[k], sizeof(int)) == (MPI_Aint)(out[k] + 1));
		CHECK_INT(MPI_Aint_diff(to[k], (MPI_Aint)(in[k] - 2)), 2 * sizeof(int));
	}
	MPI_Type_create_hindexed(3, lengths, from, MPI_INT, &scattered);
	MPI_Type_create_hindexed(3, lengths, to, MPI_INT, &gathered);
	MPI_Type_commit(&scattered);
	MPI_Type_commit(&gathered);
	for (long round = 0; round < corpus_rounds; round++) {
		for (int k = 0; k < 3; k++)
			corpus_fill(out[k], N, 3 * corpus_rank + k, round);
		MPI_Sendrecv(MPI_BOTTOM, 1, scattered, peer, 1, MPI_BOTTOM, 1, gathered, peer, 1,
			     MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		for (int k = 0; k < 3; k++)
			corpus_expect(in[k], N, 3 * peer + k, round);
		MPI_Bcast(MPI_BOTTOM, 1, gathered, 0, MPI_COMM_WORLD);
		for (int k = 0; k < 3; k++)
			corpus_expect(in[k], N, 3 + k, round);
	}
	MPI_Type_free(&scattered);
	MPI_Type_free(&gathered);
	free(heap_in);
	free(heap_out);
	return corpus_finish();
}
