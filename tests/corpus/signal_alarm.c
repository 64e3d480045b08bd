/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * SIGALRM every 200 microseconds during messages and collectives; the handler uses thread-local
 * storage, errno and floating point.
 *
 * corpus: ranks=2,4
 */
#include "corpus.h"
#include <errno.h>
#include <signal.h>
#include <sys/time.h>

enum { N = 3000 };

static __thread volatile long ticks;
static __thread volatile double area;

static void on_alarm(int signal)
{
	int kept = errno;

	(void)signal;
	ticks++;
	area = area * 0.5 + ticks / 3.0;
	errno = ENOTDIR;
	errno = kept;
}

int main(int argc, char **argv)
{
	struct itimerval often = {{0, 200}, {0, 200}}, never = {{0, 0}, {0, 0}};
	struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
	static int out[N], in[N], sum[10];
	int rank[2] = {0, 0};

	corpus_init(&argc, &argv);
	int next = (corpus_rank + 1) % corpus_size,
	    prev = (corpus_rank + corpus_size - 1) % corpus_size;

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	for (long round = 0; round < corpus_rounds * 50; round++) {
		corpus_fill(out, N, corpus_rank, round);
		MPI_Sendrecv(out, N, MPI_INT, next, 1, in, N, MPI_INT, prev, 1, MPI_COMM_WORLD,
			     MPI_STATUS_IGNORE);
		corpus_expect(in, N, prev, round);
		MPI_Allreduce(out, sum, 10, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
		corpus_add(sum, 10 * sizeof(int));
	}
	while (ticks < 20) /* a fast run goes on until there were some */
		MPI_Sendrecv(&rank[0], 1, MPI_INT, 0, 0, &rank[1], 1, MPI_INT, 0, 0, MPI_COMM_SELF,
			     MPI_STATUS_IGNORE);
	setitimer(ITIMER_REAL, &never, NULL);
	CHECK(ticks >= 20 && area > 0);
	return corpus_finish();
}
