/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory of every kind, stdio, floating point state, and the heap after a restore. */
#include "take.h"

#include <fenv.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static int bss[5000];
static __thread int tls = 7;

static long sum(const int *p, int n)
{
	long s = 0;

	for (int i = 0; i < n; i++)
		s += p[i];
	return s;
}

int main(int argc, char **argv)
{
	int *heap, *big, stack[1000], again;
	char *hidden, *shared;
	struct timespec t;
	void *old_break;

	take_init(argc, argv);
	heap = malloc(3000 * sizeof(int));
	big = malloc(3000000 * sizeof(int));
	for (int i = 0; i < 1000; i++)
		bss[i] = heap[i] = stack[i] = i;
	for (int i = 0; i < 3000000; i++)
		big[i] = i % 1000;
	hidden = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	strcpy(hidden + 4096, "behind a closed door");
	mprotect(hidden, 1 << 20, PROT_NONE);
	shared = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	strcpy(shared, "shared");
	fesetround(FE_UPWARD);
	tls = 8;
	old_break = sbrk(0);
	printf("before\n");
	fflush(stdout);
	again = take();
	CHECK(fegetround() == FE_UPWARD);
	fesetround(FE_TONEAREST);
	CHECK(tls == 8);
	CHECK(sum(bss, 5000) == 499500 && sum(heap, 1000) == 499500 && sum(stack, 1000) == 499500);
	CHECK(sum(big, 3000000) == 3000L * 499500);
	CHECK(sbrk(0) == old_break);
	CHECK(sbrk(4096) == old_break && sbrk(0) == (char *)old_break + 4096);
	CHECK(sbrk(-4096) != (void *)-1);
	mprotect(hidden, 1 << 20, PROT_READ);
	CHECK(!strcmp(hidden + 4096, "behind a closed door") && hidden[0] == 0);
	CHECK(!strcmp(shared, "shared"));
	for (int i = 1; i < 1000; i++) {
		char *p = malloc((size_t)i * 1000);

		CHECK(p);
		memset(p, 1, (size_t)i * 1000);
		free(p);
	}
	free(heap);
	free(big);
	CHECK(clock_gettime(CLOCK_MONOTONIC, &t) == 0 && t.tv_sec > 0);
	CHECK(getenv("PATH") != NULL);
	printf("%s %.17g\n", again ? "restored" : "original", sin(1.0));
	return 0;
}
