/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * restarted STEPS: a program that is snapshotted, killed and restarted anywhere in it. Every rank
 * writes its own file own.RANK, appends to shared.log, keeps a thread busy and knows its ids. Ranks
 * wait for each other in receives and collectives most of the time. The last line of each rank says
 * what it has computed, and whether anything was not as before.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <mpi.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static volatile long turns;
static volatile int stop, signals, thread_id;

static void *busy(void *arg)
{
	(void)arg;
	thread_id = gettid();
	while (!stop) {
		const struct timespec pause = {0, 1000000};

		turns++;
		nanosleep(&pause, NULL);
	}
	return thread_id == gettid() ? (void *)&stop : NULL;
}

static void on_signal(int number)
{
	signals += number == SIGUSR2;
}

static int append(int fd, const char *text)
{
	return write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : 1;
}

int main(int argc, char **argv)
{
	int steps = argc > 1 ? atoi(argv[1]) : 100, rank, size, wrong = 0, own, shared;
	int process = getpid(), self = gettid();
	long sum = 0, *memory, n = 1 << 18;
	char text[80];
	MPI_Comm half;
	pthread_t thread;
	void *same;

	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &size);
	MPI_Comm_split(MPI_COMM_WORLD, rank % 2, -rank, &half);
	snprintf(text, sizeof(text), "own.%d", rank);
	own = open(text, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	shared = open("shared.log", O_WRONLY | O_CREAT | O_APPEND, 0644);
	memory = malloc((size_t)n * sizeof(*memory));
	for (long i = 0; i < n; i++)
		memory[i] = i * (rank + 1);
	signal(SIGUSR2, on_signal);
	pthread_create(&thread, NULL, busy, NULL);
	for (int step = 0; step < steps; step++) {
		const struct timespec pause = {0, 15000000};
		long mine = step * (rank + 1), all, left, right = step + rank;

		/* one rank is late in each step, so the others are blocked */
		if (step % size == rank)
			nanosleep(&pause, NULL);
		MPI_Allreduce(&mine, &all, 1, MPI_LONG, MPI_SUM, step % 2 ? half : MPI_COMM_WORLD);
		if (rank % 2) {
			MPI_Send(&right, 1, MPI_LONG, (rank + 1) % size, step, MPI_COMM_WORLD);
			MPI_Recv(&left, 1, MPI_LONG, MPI_ANY_SOURCE, step, MPI_COMM_WORLD,
				 MPI_STATUS_IGNORE);
		} else {
			MPI_Sendrecv(&right, 1, MPI_LONG, (rank + 1) % size, step, &left, 1,
				     MPI_LONG, (rank + size - 1) % size, step, MPI_COMM_WORLD,
				     MPI_STATUS_IGNORE);
		}
		sum += all * 3 + left;
		snprintf(text, sizeof(text), "step %d sum %ld\n", step, sum);
		wrong += append(own, text);
		snprintf(text, sizeof(text), "rank %d step %d\n", rank, step);
		wrong += step % 10 == 0 && append(shared, text);
	}
	for (long i = 0; i < n; i++)
		wrong += memory[i] != i * (rank + 1);
	wrong += getpid() != process || gettid() != self;
	wrong += kill(process, SIGUSR2) || tgkill(process, thread_id, SIGUSR2);
	for (int i = 0; i < 1000 && signals < 2; i++)
		usleep(1000);
	wrong += signals != 2;
	stop = 1;
	wrong += pthread_join(thread, &same) || !same || turns < steps / 10;
	printf("rank %d of %d: sum %ld, %d wrong\n", rank, size, sum, wrong);
	MPI_Finalize();
	return 0;
}
