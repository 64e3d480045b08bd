/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A profiling tool that is preloaded: counts calls of a few functions and tells at MPI_Finalize.
 */
#include <mpi.h>
#include <stdio.h>

static int inits, sends, receives, reductions, in_profile;

int MPI_Init(int *argc, char ***argv)
{
	inits++;
	return PMPI_Init(argc, argv);
}

int MPI_Isend(const void *data, int count, MPI_Datatype type, int to, int tag, MPI_Comm comm,
	      MPI_Request *request)
{
	sends++;
	return PMPI_Isend(data, count, type, to, tag, comm, request);
}

int MPI_Recv(void *data, int count, MPI_Datatype type, int from, int tag, MPI_Comm comm,
	     MPI_Status *status)
{
	receives++;
	return PMPI_Recv(data, count, type, from, tag, comm, status);
}

int MPI_Allreduce(const void *in, void *out, int count, MPI_Datatype type, MPI_Op op, MPI_Comm comm)
{
	int code;

	reductions += !in_profile;
	in_profile = 1;
	code = PMPI_Allreduce(in, out, count, type, op, comm);
	in_profile = 0;
	return code;
}

int MPI_Finalize(void)
{
	int rank, total[4], mine[4] = {inits, sends, receives, reductions};

	PMPI_Comm_rank(MPI_COMM_WORLD, &rank);
	PMPI_Reduce(mine, total, 4, MPI_INT, MPI_SUM, 0, MPI_COMM_WORLD);
	if (rank == 0) {
		printf("profile: init %d isend %d recv %d allreduce %d\n", total[0], total[1],
		       total[2], total[3]);
		fflush(stdout);
	}
	return PMPI_Finalize();
}
