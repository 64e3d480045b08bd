/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program that tracks its writes: pages are read-only, a SIGSEGV handler opens them. The
 * library's own copies into them fault as well.
 *
 * corpus: ranks=2
 */
#include "corpus.h"
#include <signal.h>
#include <sys/mman.h>

enum { PAGES = 16, PAGE = 4096, N = PAGE / 8 };

static char *arena;
static volatile int faults;
static __thread volatile int in_handler;

static void on_fault(int signal, siginfo_t *info, void *context)
{
	char *page = (char *)((uintptr_t)info->si_addr & ~(uintptr_t)(PAGE - 1));

	(void)signal;
	(void)context;
	if (page < arena || page >= arena + PAGES * PAGE)
		_exit(77);
	in_handler++;
	faults++;
	mprotect(page, PAGE, PROT_READ | PROT_WRITE);
	in_handler--;
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
	int out[N];

	corpus_init(&argc, &argv);
	int peer = 1 - corpus_rank;

	arena = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		     0);
	CHECK(arena != MAP_FAILED);
	sigaction(SIGSEGV, &action, NULL);
	for (long round = 0; round < corpus_rounds; round++) {
		mprotect(arena, PAGES * PAGE, PROT_READ);
		faults = 0;
		corpus_fill(out, N, corpus_rank, round);
		for (int p = 0; p < PAGES; p++) {
			int *place = (int *)(arena + p * PAGE);

			MPI_Sendrecv(out, N, MPI_INT, peer, p, place, N, MPI_INT, peer, p,
				     MPI_COMM_WORLD, MPI_STATUS_IGNORE);
			corpus_expect(place, N, peer, round);
			place[N] = p;
		}
		CHECK_INT(faults, PAGES);
	}
	munmap(arena, PAGES * PAGE);
	return corpus_finish();
}
