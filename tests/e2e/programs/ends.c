/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ends RANK HOW [N]: after a barrier, rank RANK ends in the given way; the others go on to
 *MPI_Finalize. return N    finalizes and returns N	leave N    exits with N, without
 *MPI_Finalize abort N     calls MPI_Abort		signal N   kills itself, after MPI_Init
 *	early N     kills itself before MPI_Init
 */
#include <mpi.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	const char *number = getenv("OMPI_COMM_WORLD_RANK");
	int chosen, rank, n, code = 0;

	if (argc < 3 || !number)
		return 99;
	chosen = atoi(argv[1]) == atoi(number);
	n = argc > 3 ? atoi(argv[3]) : 0;
	if (chosen && !strcmp(argv[2], "early"))
		kill(getpid(), n);
	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Barrier(MPI_COMM_WORLD);
	if (rank == atoi(argv[1])) {
		if (!strcmp(argv[2], "abort"))
			MPI_Abort(MPI_COMM_WORLD, n);
		if (!strcmp(argv[2], "leave"))
			exit(n);
		if (!strcmp(argv[2], "signal"))
			kill(getpid(), n);
		if (!strcmp(argv[2], "return"))
			code = n;
	}
	MPI_Finalize();
	return code;
}
