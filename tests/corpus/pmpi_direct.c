/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program that calls PMPI_ functions itself and one that defines an MPI_ function of its own.
 *
 * corpus: ranks=2
 */
#include "corpus.h"

static int own_calls;

int MPI_Bcast(void *data, int count, MPI_Datatype type, int root, MPI_Comm comm)
{
	own_calls++;
	return PMPI_Bcast(data, count, type, root, comm);
}

int main(int argc, char **argv)
{
	int value, in, flag;
	PMPI_Init(&argc, &argv);
	corpus_start();
	PMPI_Initialized(&flag);
	CHECK_INT(flag, 1);
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Request request;
		MPI_Datatype pair;
		MPI_Comm dup;

		PMPI_Comm_dup(MPI_COMM_WORLD, &dup);
		PMPI_Type_contiguous(1, MPI_INT, &pair);
		PMPI_Type_commit(&pair);
		value = corpus_value(corpus_rank, round, 0);
		PMPI_Irecv(&in, 1, pair, 1 - corpus_rank, 0, dup, &request);
		PMPI_Send(&value, 1, MPI_INT, 1 - corpus_rank, 0, dup);
		MPI_Wait(&request, MPI_STATUS_IGNORE);
		CHECK_INT(in, corpus_value(1 - corpus_rank, round, 0));
		MPI_Bcast(&in, 1, MPI_INT, 0, dup);
		CHECK_INT(in, corpus_value(1, round, 0));
		corpus_add_int(in);
		MPI_Type_free(&pair);
		PMPI_Comm_free(&dup);
	}
	CHECK_INT(own_calls, corpus_rounds);
	corpus_report();
	return PMPI_Finalize();
}
