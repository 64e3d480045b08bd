/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The application runs in the new engine while the old one ends. Rank 0 lets the others wait there,
 * and they do not notice; at last the old mpirun is lost meanwhile, which they do not notice
 * either.
 */
#include "switch.h"

static char why[512];

static void take(void)
{
	MPI_Barrier(MPI_COMM_WORLD);
	generation++;
	if (rank == 0)
		leave_note("want", generation, 0);
	if (direct()->take(lent_environment(), why)) {
		fprintf(stderr, "rank %d: %s\n", rank, why);
		_exit(8);
	}
}

/* Traffic of all ranks but 0. */
static void talk(void)
{
	int to = 1 + rank % (size - 1), from = 1 + (rank + size - 3) % (size - 1), got;

	for (int i = 0; i < 200; i++) {
		MPI_Sendrecv(&rank, 1, MPI_INT, to, i, &got, 1, MPI_INT, from, i, MPI_COMM_WORLD,
			     MPI_STATUS_IGNORE);
		CHECK(got == from);
	}
}

static int wait_parted(void)
{
	struct timespec turn = {0, 1000000};
	int rc;

	while ((rc = direct()->parted(why)) == 0)
		nanosleep(&turn, NULL);
	return rc;
}

/* Rank 0 comes when the others have said that they still wait for it. */
static void others_wait(void)
{
	int said = 0;

	if (rank == 0) {
		for (int i = 1; i < size; i++)
			MPI_Recv(&said, 1, MPI_INT, i, 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		return;
	}
	CHECK(direct()->part(why) == 0);
	talk();
	CHECK(direct()->parted(why) == 0);
	MPI_Send(&said, 1, MPI_INT, 0, 1, MPI_COMM_WORLD);
}

int main(int argc, char **argv)
{
	int sum;

	begin(&argc, &argv);
	for (int i = 0; i < 2; i++) {
		take();
		others_wait();
		if (rank == 0)
			CHECK(direct()->part(why) == 0);
		CHECK(wait_parted() == 1);
		if (generation > 1)
			leave_note("left", generation - 1, rank);
		MPI_Allreduce(&rank, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
		CHECK(sum == size * (size - 1) / 2);
	}
	take();
	others_wait();
	if (rank == 0)
		leave_note("kill", generation - 1, 0);
	else
		wait_parted(); /* Open MPI may call exit(), or MPI_Finalize may return */
	MPI_Barrier(MPI_COMM_WORLD);
	if (rank == 0 && direct()->part(why) == 0)
		wait_parted();
	MPI_Allreduce(&rank, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
	CHECK(sum == size * (size - 1) / 2);

	/* the program ends at once: MPI_Finalize sees to the old engine first */
	take();
	CHECK(direct()->part(why) == 0);
	MPI_Finalize();
	CHECK(direct()->parted(why) == 1);
	leave_note("left", generation - 1, rank);
	leave_note("left", generation, rank);
	if (rank == 0) {
		leave_note("end", 0, 0);
		printf("parting: %d changes\n", generation);
	}
	return 0;
}
