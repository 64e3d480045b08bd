/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Indexed types of all four kinds pick the same elements.
 *
 * corpus: ranks=2,4
 */
#include "corpus.h"

enum { N = 100, BLOCKS = 4 };

int main(int argc, char **argv)
{
	int data[N], in[N], lengths[BLOCKS] = {3, 3, 3, 3}, offsets[BLOCKS] = {50, 0, 97, 20};
	MPI_Aint bytes[BLOCKS];
	MPI_Datatype types[4];

	corpus_init(&argc, &argv);
	int peer = corpus_rank ^ 1;

	for (int b = 0; b < BLOCKS; b++)
		bytes[b] = offsets[b] * (MPI_Aint)sizeof(int);
	MPI_Type_indexed(BLOCKS, lengths, offsets, MPI_INT, &types[0]);
	MPI_Type_create_hindexed(BLOCKS, lengths, bytes, MPI_INT, &types[1]);
	MPI_Type_create_indexed_block(BLOCKS, 3, offsets, MPI_INT, &types[2]);
	MPI_Type_create_hindexed_block(BLOCKS, 3, bytes, MPI_INT, &types[3]);
	for (int t = 0; t < 4; t++)
		MPI_Type_commit(&types[t]);
	for (long round = 0; round < corpus_rounds; round++)
		for (int t = 0; t < 4; t++) {
			int packed[BLOCKS * 3], count;
			MPI_Status status;

			corpus_fill(data, N, corpus_rank, round);
			memset(in, -1, sizeof(in));
			MPI_Sendrecv(data, 1, types[t], peer, t, in, 1, types[(t + 1) % 4], peer, t,
				     MPI_COMM_WORLD, &status);
			for (int i = 0; i < N; i++) {
				int picked = i < 3 || (i >= 20 && i < 23) || (i >= 50 && i < 53) ||
					     i >= 97;

				CHECK_INT(in[i], picked ? corpus_value(peer, round, i) : -1);
			}
			MPI_Get_elements(&status, types[t], &count);
			CHECK_INT(count, BLOCKS * 3);
			MPI_Sendrecv(data, 1, types[t], peer, t, packed, BLOCKS * 3, MPI_INT, peer,
				     t, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
			CHECK_INT(packed[0],
				  corpus_value(peer, round, 50)); /* in the type's order */
			CHECK_INT(packed[6], corpus_value(peer, round, 97));
			corpus_add(packed, sizeof(packed));
		}
	for (int t = 0; t < 4; t++)
		MPI_Type_free(&types[t]);
	return corpus_finish();
}
