/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A plugin that uses MPI and knows nothing about the program that loads it.
 */
#include <mpi.h>

int plugin_ring(int value);

int plugin_ring(int value)
{
	int rank, size, in = -1;
	MPI_Comm dup;

	MPI_Comm_dup(MPI_COMM_WORLD, &dup);
	MPI_Comm_rank(dup, &rank);
	MPI_Comm_size(dup, &size);
	MPI_Sendrecv(&value, 1, MPI_INT, (rank + 1) % size, 3, &in, 1, MPI_INT,
		     (rank + size - 1) % size, 3, dup, MPI_STATUS_IGNORE);
	MPI_Allreduce(MPI_IN_PLACE, &in, 1, MPI_INT, MPI_MAX, dup);
	MPI_Comm_free(&dup);
	return in;
}
