/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ring BYTES: every rank passes BYTES to the next one, all the way round, and checks each byte on
 * its return; rank 0 prints where everyone runs.
 */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct place {
	char host[MPI_MAX_PROCESSOR_NAME];
	int uid, neighbours; /* ranks that share memory with this one, itself included */
	long wrong;	     /* bytes that came back changed */
};

static unsigned char pattern(int rank, long i)
{
	return (unsigned char)(i * 31 + i / 251 + rank);
}

int main(int argc, char **argv)
{
	struct place here = {.uid = (int)getuid()}, *all = NULL;
	long n = argc > 1 ? atol(argv[1]) : 1 << 20;
	int rank, size, length;
	MPI_Comm node;

	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &size);
	MPI_Get_processor_name(here.host, &length);
	MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, rank, MPI_INFO_NULL, &node);
	MPI_Comm_size(node, &here.neighbours);
	MPI_Comm_free(&node);

	unsigned char *bytes = malloc((size_t)n);
	if (!bytes)
		MPI_Abort(MPI_COMM_WORLD, 2);
	for (long i = 0; i < n; i++)
		bytes[i] = pattern(rank, i);
	for (int step = 0; step < size; step++)
		MPI_Sendrecv_replace(bytes, (int)n, MPI_BYTE, (rank + 1) % size, step,
				     (rank + size - 1) % size, step, MPI_COMM_WORLD,
				     MPI_STATUS_IGNORE);
	for (long i = 0; i < n; i++)
		here.wrong += bytes[i] != pattern(rank, i);
	free(bytes);

	if (rank == 0)
		all = calloc((size_t)size, sizeof(*all));
	MPI_Gather(&here, sizeof(here), MPI_BYTE, all, sizeof(here), MPI_BYTE, 0, MPI_COMM_WORLD);
	for (int i = 0; rank == 0 && i < size; i++)
		printf("rank %d of %d on %s, uid %d, %d ranks on its host, %ld bytes wrong\n", i,
		       size, all[i].host, all[i].uid, all[i].neighbours, all[i].wrong);
	free(all);
	MPI_Finalize();
	return 0;
}
