/* SPDX-License-Identifier: BSD-3-Clause */
/* The new mpirun is killed while ranks wait in its engine, and when all have taken that: they go on
 * in the old one, and try again. */
#include "switch.h"

static void check(MPI_Comm comm, MPI_Request *receive)
{
	int sum, got = -1;

	MPI_Allreduce(&rank, &sum, 1, MPI_INT, MPI_SUM, comm);
	CHECK(sum == size * (size - 1) / 2);
	MPI_Send(&rank, 1, MPI_INT, (rank + 1) % size, 1, comm);
	MPI_Wait(receive, MPI_STATUS_IGNORE);
	MPI_Irecv(&got, 1, MPI_INT, (rank + size - 1) % size, 2, comm, receive);
	MPI_Send(&rank, 1, MPI_INT, (rank + 1) % size, 2, comm);
	MPI_Wait(receive, MPI_STATUS_IGNORE);
	CHECK(got == (rank + size - 1) % size);
}

int main(int argc, char **argv)
{
	MPI_Request receive;
	char why[512] = "";
	int early = -1;
	MPI_Comm copy;

	begin(&argc, &argv);
	MPI_Comm_dup(MPI_COMM_WORLD, &copy);
	MPI_Irecv(&early, 1, MPI_INT, (rank + size - 1) % size, 1, copy, &receive);
	MPI_Barrier(MPI_COMM_WORLD);
	generation++;
	if (rank == 0)
		leave_note("want", generation, 0);
	if (rank == 0) { /* does not come; the others wait for it in MPI_Init */
		lent_environment();
		sleep(2);
		leave_note("kill", generation, 0);
	} else {
		CHECK(direct()->change(lent_environment(), why) == -1);
		CHECK(strstr(why, "mpirun was lost"));
	}
	check(copy, &receive);
	CHECK(early == (rank + size - 1) % size);
	early = -1;
	MPI_Irecv(&early, 1, MPI_INT, (rank + size - 1) % size, 1, copy, &receive);
	change();
	check(copy, &receive);
	CHECK(early == (rank + size - 1) % size);
	early = -1;
	MPI_Irecv(&early, 1, MPI_INT, (rank + size - 1) % size, 1, copy, &receive);
	MPI_Barrier(MPI_COMM_WORLD);
	generation++;
	if (rank == 0)
		leave_note("want", generation, 0);
	CHECK(direct()->take(lent_environment(), why) == 0);
	if (rank == 0)
		leave_note("kill", generation, 0);
	sleep(3);
	CHECK(direct()->undo(why) == 0);
	generation--;
	check(copy, &receive);
	CHECK(early == (rank + size - 1) % size);
	MPI_Comm_free(&copy);
	return end("lost");
}
