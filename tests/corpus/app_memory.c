/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory comes and goes between messages: malloc of all sizes, realloc, mmap, mremap, brk; buffers
 * that were used for messages are given back and mapped anew at once.
 *
 * corpus: ranks=2
 * corpus: flags=-D_GNU_SOURCE
 */
#include "corpus.h"
#include <sys/mman.h>

enum { SLOTS = 64 };

int main(int argc, char **argv)
{
	static int *slots[SLOTS], sizes[SLOTS];
	uint64_t plan = 99;

	corpus_init(&argc, &argv);
	int peer = 1 - corpus_rank;

	for (long round = 0; round < corpus_rounds * 200; round++) {
		int s = (int)(corpus_random(&plan) % SLOTS),
		    n = (int)(corpus_random(&plan) % 60000) + 1;

		slots[s] = realloc(slots[s], (size_t)n * sizeof(int));
		CHECK(slots[s] != NULL);
		sizes[s] = n;
		corpus_fill(slots[s], n, corpus_rank, round);
		size_t length = ((size_t)n * sizeof(int) + 4095) & ~(size_t)4095;
		int *mapped = mmap(NULL, length, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		CHECK(mapped != MAP_FAILED);
		if (round % 5 == 0) {
			mapped = mremap(mapped, length, 2 * length, MREMAP_MAYMOVE);
			CHECK(mapped != MAP_FAILED);
			length *= 2;
		}
		MPI_Sendrecv(slots[s], n, MPI_INT, peer, 1, mapped, n, MPI_INT, peer, 1,
			     MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		corpus_expect(mapped, n, peer, round);
		munmap(mapped, length);
		if (round % 7 == 0) {
			free(slots[s]);
			slots[s] = NULL;
		}
		if (round % 50 == 0) {
			char *old = sbrk(1 << 16);

			CHECK(old != (char *)-1);
			memset(old, 1, 1 << 16);
		}
	}
	for (int s = 0; s < SLOTS; s++)
		free(slots[s]);
	CHECK(sizes[0] >= 0);
	return corpus_finish();
}
