/* SPDX-License-Identifier: BSD-3-Clause */
/* The least: messages and collectives on both sides of a change. */
#include "switch.h"

int main(int argc, char **argv)
{
	int value, sum;
	double began, later;

	begin(&argc, &argv);
	began = MPI_Wtime();
	for (int i = 0; i < 3; i++) {
		MPI_Allreduce(&rank, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
		CHECK(sum == size * (size - 1) / 2);
		MPI_Sendrecv(&rank, 1, MPI_INT, (rank + 1) % size, i, &value, 1, MPI_INT,
			     (rank + size - 1) % size, i, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		CHECK(value == (rank + size - 1) % size);
		if (i < 2)
			change();
		later = MPI_Wtime();
		CHECK(later >= began && later - began < 120);
	}
	return end("first");
}
