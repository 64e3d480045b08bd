/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * stubborn DIRECTORY: does its best to be left behind. It ignores every signal that can be ignored,
 * has two children that do so too, one of them in a session of its own and without a parent, and
 * calls MPI_Allreduce for ever. It makes the file DIRECTORY/ready.RANK when it has got so far.
 */
#include <fcntl.h>
#include <mpi.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static void sleep_for_ever(void)
{
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	char path[4096];
	int fd, rank, s, sum;

	for (s = 1; s < 32; s++)
		if (s != SIGCHLD)
			signal(s, SIG_IGN);
	if (fork() == 0)
		sleep_for_ever();
	if (fork() == 0) {
		setsid();
		if (fork() != 0)
			_exit(0);
		sleep_for_ever();
	}
	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Allreduce(&rank, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
	snprintf(path, sizeof(path), "%s/ready.%d", argc > 1 ? argv[1] : ".", rank);
	fd = open(path, O_WRONLY | O_CREAT, 0666);
	if (fd < 0)
		MPI_Abort(MPI_COMM_WORLD, 99);
	close(fd);
	for (;;) {
		MPI_Allreduce(&rank, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
		usleep(1000); /* the tests' machines are small */
	}
}
