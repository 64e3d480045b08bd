/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program without MPI opens libmpi late and finds all that it needs by dlsym, the predefined
 * handles included, as interpreters and wrappers of other languages do.
 *
 * corpus: ranks=1,2
 * corpus: libs=-ldl
 * corpus: flags=-Wl,--as-needed
 */
#include <dlfcn.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *find(void *library, const char *name)
{
	void *symbol = dlsym(library, name);

	if (symbol == NULL) {
		fprintf(stderr, "corpus: expected %s in libmpi: %s\n", name, dlerror());
		exit(1);
	}
	return symbol;
}

#define FIND(type, variable, name) type(*variable) = (type(*))find(mpi, name)

typedef int init_fn(int *, char ***);
typedef int rank_fn(MPI_Comm, int *);
typedef int sendrecv_fn(const void *, int, MPI_Datatype, int, int, void *, int, MPI_Datatype, int,
			int, MPI_Comm, MPI_Status *);
typedef int allreduce_fn(const void *, void *, int, MPI_Datatype, MPI_Op, MPI_Comm);

int main(int argc, char **argv)
{
	if (dlsym(RTLD_DEFAULT, "ompi_mpi_comm_world") != NULL) {
		fprintf(stderr, "corpus: expected a program that is not linked with libmpi\n");
		return 1;
	}
	void *mpi = dlopen("libmpi.so.40", RTLD_NOW | RTLD_GLOBAL);
	if (mpi == NULL) {
		fprintf(stderr, "corpus: expected to open libmpi: %s\n", dlerror());
		return 1;
	}
	init_fn *init = (init_fn *)find(mpi, "MPI_Init");
	rank_fn *comm_rank = (rank_fn *)find(mpi, "MPI_Comm_rank");
	rank_fn *comm_size = (rank_fn *)find(mpi, "MPI_Comm_size");
	sendrecv_fn *sendrecv = (sendrecv_fn *)find(mpi, "MPI_Sendrecv");
	allreduce_fn *allreduce = (allreduce_fn *)find(RTLD_DEFAULT, "PMPI_Allreduce");
	int (*finalize)(void) = (int (*)(void))find(mpi, "MPI_Finalize");
	MPI_Comm world = find(mpi, "ompi_mpi_comm_world");
	MPI_Datatype integer = find(mpi, "ompi_mpi_int");
	MPI_Op sum = find(mpi, "ompi_mpi_op_sum");
	int rank, size, in = -1, total = 0;
	const char *rounds = getenv("CORPUS_ITERATIONS");

	init(&argc, &argv);
	comm_rank(world, &rank);
	comm_size(world, &size);
	for (long round = 0; round < (rounds ? atol(rounds) : 3); round++) {
		sendrecv(&rank, 1, integer, (rank + 1) % size, 0, &in, 1, integer,
			 (rank + size - 1) % size, 0, world, MPI_STATUS_IGNORE);
		if (in != (rank + size - 1) % size) {
			fprintf(stderr, "corpus: received %d, expected %d\n", in,
				(rank + size - 1) % size);
			return 1;
		}
		in = in * 3 + 1;
		allreduce(&in, &total, 1, integer, sum, world);
		if (total != 3 * size * (size - 1) / 2 + size) {
			fprintf(stderr, "corpus: sum is %d\n", total);
			return 1;
		}
	}
	if (rank == 0)
		printf("%d ranks, sum %d\n", size, total);
	return finalize();
}
