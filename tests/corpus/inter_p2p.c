/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An intercommunicator between even and odd ranks: sizes, groups, messages to the other side.
 *
 * corpus: ranks=2,3,4
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	MPI_Comm part, inter;
	MPI_Group remote, world;
	int size, remote_size, rank, flag, translated;
	MPI_Status status;

	corpus_init(&argc, &argv);
	int side = corpus_rank % 2;

	MPI_Comm_split(MPI_COMM_WORLD, side, corpus_rank, &part);
	MPI_Intercomm_create(part, 0, MPI_COMM_WORLD, 1 - side, 12, &inter);
	MPI_Comm_test_inter(inter, &flag);
	CHECK_INT(flag, 1);
	MPI_Comm_test_inter(part, &flag);
	CHECK_INT(flag, 0);
	MPI_Comm_size(inter, &size);
	MPI_Comm_remote_size(inter, &remote_size);
	CHECK_INT(size, (corpus_size + 1 - side) / 2);
	CHECK_INT(remote_size, (corpus_size + side) / 2);
	MPI_Comm_rank(inter, &rank);
	CHECK_INT(rank, corpus_rank / 2);
	MPI_Comm_remote_group(inter, &remote);
	MPI_Comm_group(MPI_COMM_WORLD, &world);
	for (int r = 0; r < remote_size; r++) {
		MPI_Group_translate_ranks(remote, 1, &r, world, &translated);
		CHECK_INT(translated, 2 * r + 1 - side);
	}
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Request requests[remote_size];
		int out[remote_size], in;

		for (int r = 0; r < remote_size; r++) {
			out[r] = corpus_value(corpus_rank, round, r);
			MPI_Isend(&out[r], 1, MPI_INT, r, rank, inter, &requests[r]);
		}
		for (int r = 0; r < remote_size; r++) {
			MPI_Recv(&in, 1, MPI_INT, MPI_ANY_SOURCE, r, inter, &status);
			CHECK_INT(status.MPI_SOURCE, r);
			CHECK_INT(in, corpus_value(2 * r + 1 - side, round, rank));
			corpus_add_int(in);
		}
		MPI_Waitall(remote_size, requests, MPI_STATUSES_IGNORE);
	}
	MPI_Group_free(&remote);
	MPI_Group_free(&world);
	MPI_Comm_free(&inter);
	MPI_Comm_free(&part);
	return corpus_finish();
}
