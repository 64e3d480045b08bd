/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A rank that dies of SIGSEGV: mpirun says so and ends with 128 + 11.
 *
 * corpus: ranks=2
 * corpus: expect-exit=139
 */
#include "corpus.h"
#include <signal.h>
#include <sys/resource.h>

int main(int argc, char **argv)
{
	corpus_init(&argc, &argv);
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	corpus_linger();
	corpus_report();
	MPI_Barrier(MPI_COMM_WORLD);
	signal(SIGSEGV, SIG_DFL);
	if (corpus_rank == 1)
		raise(SIGSEGV);
	sleep(60);
	return 0;
}
