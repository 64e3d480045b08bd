/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A rank that forks before MPI_Init: the child calls MPI, and the parent waits for it, as a wrapper
 * program does.
 *
 * corpus: ranks=1,2
 * corpus: refused=has started it and waits for it
 * corpus: expect-exit=0
 * corpus: refused=has started it and waits for it
 */
#include "corpus.h"
#include <sys/wait.h>

int main(int argc, char **argv)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		corpus_init(&argc, &argv);
		for (long round = 0; round < corpus_rounds; round++) {
			int sum = corpus_value(corpus_rank, round, 0);

			MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
			corpus_add_int(sum);
		}
		return corpus_finish();
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 97;
}
