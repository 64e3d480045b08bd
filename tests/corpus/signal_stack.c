/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A handler on an alternate stack, raised and from a timer, while MPI runs on the ordinary one;
 * signal masks and pending signals are the program's own.
 *
 * corpus: ranks=1,2
 */
#include "corpus.h"
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>

static char stack[1 << 16];
static volatile int on_it, usr1;
static pthread_t mine;

static void on_prof(int signal)
{
	char here;

	(void)signal;
	if (!pthread_equal(pthread_self(), mine)) /* of Open MPI: it has no such stack */
		return;
	CHECK(&here >= stack && &here < stack + sizeof(stack));
	on_it++;
}

static void on_usr1(int signal)
{
	(void)signal;
	usr1++;
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = on_prof, .sa_flags = SA_ONSTACK | SA_RESTART}, got;
	struct itimerval often = {{0, 500}, {0, 500}}, never = {{0, 0}, {0, 0}};
	sigset_t set, pending;
	stack_t alternate = {.ss_sp = stack, .ss_size = sizeof(stack)}, now;

	mine = pthread_self();
	corpus_init(&argc, &argv);
	CHECK_INT(sigaltstack(&alternate, NULL), 0);
	sigaction(SIGPROF, &action, NULL);
	action.sa_handler = on_usr1;
	action.sa_flags = 0;
	sigaction(SIGUSR1, &action, NULL);
	setitimer(ITIMER_PROF, &often, NULL);
	for (long round = 0; round < corpus_rounds; round++) {
		sigemptyset(&set);
		sigaddset(&set, SIGUSR1);
		sigprocmask(SIG_BLOCK, &set, NULL);
		raise(SIGUSR1);
		int seen = usr1, sum = corpus_value(corpus_rank, round, 0);
		for (int i = 0; i < 200; i++)
			MPI_Allreduce(MPI_IN_PLACE, &(int){i}, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
		MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
		corpus_add_int(sum);
		sigpending(&pending);
		CHECK(sigismember(&pending, SIGUSR1));
		CHECK_INT(usr1, seen);
		sigprocmask(SIG_UNBLOCK, &set, NULL);
		CHECK_INT(usr1, seen + 1);
		raise(SIGPROF);
	}
	setitimer(ITIMER_PROF, &never, NULL);
	CHECK(on_it >= corpus_rounds);
	sigaltstack(NULL, &now);
	CHECK(now.ss_sp == stack && now.ss_size == sizeof(stack));
	sigaction(SIGPROF, NULL, &got);
	CHECK(got.sa_handler == on_prof && (got.sa_flags & SA_ONSTACK));
	return corpus_finish();
}
