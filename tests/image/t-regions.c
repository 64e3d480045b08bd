/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
/* Very many memory regions (argv[2], default 20000), each with a page of its own. */
#include "take.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int main(int argc, char **argv)
{
	long n;
	char *base;
	double start;
	int again;

	take_init(argc, argv);
	n = argc > 2 ? atol(argv[2]) : 20000;
	base = mmap(NULL, (size_t)n * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0);
	for (long i = 0; i < n; i++)
		*(long *)(base + i * 4096) = i + 1;
	for (long i = 1; i < n; i += 2)
		CHECK(mprotect(base + i * 4096, 4096, i % 4 == 1 ? PROT_NONE : PROT_READ) == 0);
	start = now();
	again = take();
	if (!again)
		fprintf(stderr, "# %ld regions: %.0f ms\n", n, (now() - start) * 1e3);
	for (long i = 1; i < n; i += 4)
		CHECK(mprotect(base + i * 4096, 4096, PROT_READ) == 0);
	for (long i = 0; i < n; i++)
		CHECK(*(long *)(base + i * 4096) == i + 1);
	printf("%s\n", again ? "restored" : "original");
	return 0;
}
