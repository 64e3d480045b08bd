/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Open_port, MPI_Comm_accept and MPI_Comm_connect between the halves of one job; a published
 * name.
 *
 * corpus: ranks=2,4
 * corpus: natively=yes
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	char port[MPI_MAX_PORT_NAME], found[MPI_MAX_PORT_NAME] = "";
	MPI_Comm half, inter;
	int rank, in;

	corpus_init(&argc, &argv);
	int side = corpus_rank % 2;

	MPI_Comm_split(MPI_COMM_WORLD, side, 0, &half);
	MPI_Comm_rank(half, &rank);
	if (corpus_rank == 0) {
		MPI_Open_port(MPI_INFO_NULL, port);
		MPI_Publish_name("corpus", MPI_INFO_NULL, port);
	}
	MPI_Barrier(MPI_COMM_WORLD);
	if (corpus_rank == 1)
		CHECK_INT(MPI_Lookup_name("corpus", MPI_INFO_NULL, found), MPI_SUCCESS);
	MPI_Bcast(port, MPI_MAX_PORT_NAME, MPI_CHAR, 0, MPI_COMM_WORLD);
	if (corpus_rank == 1)
		CHECK_STR(found, port);
	if (side == 0)
		MPI_Comm_accept(port, MPI_INFO_NULL, 0, half, &inter);
	else
		MPI_Comm_connect(port, MPI_INFO_NULL, 0, half, &inter);
	for (long round = 0; round < corpus_rounds; round++) {
		int value = corpus_value(corpus_rank, round, 0);

		MPI_Sendrecv(&value, 1, MPI_INT, rank, 1, &in, 1, MPI_INT, rank, 1, inter,
			     MPI_STATUS_IGNORE);
		CHECK_INT(in, corpus_value(corpus_rank ^ 1, round, 0));
		corpus_add_int(in);
	}
	MPI_Comm_disconnect(&inter);
	if (corpus_rank == 0) {
		MPI_Unpublish_name("corpus", MPI_INFO_NULL, port);
		MPI_Close_port(port);
	}
	MPI_Comm_free(&half);
	return corpus_finish();
}
