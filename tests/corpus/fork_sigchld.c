/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Children end while MPI is under way; a SIGCHLD handler collects them.
 *
 * corpus: ranks=2
 */
#include "corpus.h"
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

enum { CHILDREN = 8 };

static volatile int collected, codes;

static void on_child(int signal)
{
	int status, kept = errno;

	(void)signal;
	while (waitpid(-1, &status, WNOHANG) > 0) {
		collected++;
		codes += WEXITSTATUS(status);
	}
	errno = kept;
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = on_child, .sa_flags = SA_RESTART};
	int peer, in, value;

	corpus_init(&argc, &argv);
	peer = 1 - corpus_rank;
	sigaction(SIGCHLD, &action, NULL);
	for (long round = 0; round < corpus_rounds; round++) {
		collected = codes = 0;
		for (int c = 0; c < CHILDREN; c++)
			if (fork() == 0) {
				usleep((useconds_t)(c * 300));
				_exit(c);
			}
		for (long m = 0; m < 500 || collected < CHILDREN; m++) {
			value = corpus_value(corpus_rank, round, (int)m);
			if (m >= 500) {
				usleep(100);
				continue;
			}
			MPI_Sendrecv(&value, 1, MPI_INT, peer, 1, &in, 1, MPI_INT, peer, 1,
				     MPI_COMM_WORLD, MPI_STATUS_IGNORE);
			CHECK_INT(in, corpus_value(peer, round, (int)m));
			corpus_add_int(in);
		}
		CHECK_INT(collected, CHILDREN);
		CHECK_INT(codes, CHILDREN * (CHILDREN - 1) / 2);
	}
	return corpus_finish();
}
