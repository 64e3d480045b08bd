/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * reads: rank 0 reads one byte of its standard input, says "begun", reads all the others when there
 * is a file "read", and says how many there were and a sum of them. The program ends when there is
 * a file "end". Meanwhile all ranks meet in MPI every 10 ms. Rank 0 has 20 files open, log.0 to
 * log.19, and writes to each before it says something.
 */
#include <mpi.h>
#include <stdio.h>
#include <unistd.h>

#define FILES 20

static FILE *log_of[FILES];
static int rank;

static void say(const char *text)
{
	int i;

	for (i = 0; i < FILES; i++) {
		fputs(text, log_of[i]);
		fflush(log_of[i]);
	}
	fputs(text, stdout);
	fflush(stdout);
}

/* All ranks wait together until rank 0 sees the file. */
static void wait_for(const char *file)
{
	int there = 0;

	while (!there) {
		usleep(10000);
		there = rank == 0 && access(file, F_OK) == 0;
		MPI_Bcast(&there, 1, MPI_INT, 0, MPI_COMM_WORLD);
	}
}

int main(int argc, char **argv)
{
	unsigned long count, sum = 0;
	unsigned char bytes[4096];
	char text[64];
	ssize_t n, i;

	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	for (i = 0; rank == 0 && i < FILES; i++) {
		snprintf(text, sizeof(text), "log.%zd", i);
		log_of[i] = fopen(text, "w");
		if (!log_of[i])
			MPI_Abort(MPI_COMM_WORLD, 2);
	}
	count = rank == 0 ? (unsigned long)read(STDIN_FILENO, bytes, 1) : 0;
	sum = bytes[0];
	if (rank == 0)
		say("begun\n");
	wait_for("read");
	while (rank == 0 && (n = read(STDIN_FILENO, bytes, sizeof(bytes))) > 0)
		for (i = 0; i < n; i++) {
			sum = sum * 31 + bytes[i];
			count++;
		}
	snprintf(text, sizeof(text), "%lu bytes, sum %lu\n", count, sum);
	if (rank == 0)
		say(text);
	wait_for("end");
	if (rank == 0)
		say("over\n");
	MPI_Finalize();
	return 0;
}
