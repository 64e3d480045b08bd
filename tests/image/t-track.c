/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Images against the one before, while pages are written to in all the ways that a kernel knows. A
 * page that changed unseen would come back as it was before.
 */
#define _GNU_SOURCE
#include "take.h"

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE   4096UL
#define PAGES  4096UL
#define AREAS  4
#define QUIET  3 /* nothing is mapped, moved or written to there, so all of it is tracked */
#define ROUNDS 4

static char *area[AREAS];
static uint32_t content[AREAS][PAGES]; /* what each page is filled with; 0: never written to */
static uint32_t next = 1;

static void expect(int a, size_t page, uint32_t value)
{
	const uint32_t *word = (const uint32_t *)(area[a] + page * PAGE);

	if (word[0] != value || word[PAGE / 4 - 1] != value) {
		fprintf(stderr, "area %d page %zu has %u, not %u\n", a, page, word[0], value);
		exit(1);
	}
}

static void check(void)
{
	for (int a = 0; a < AREAS; a++)
		for (size_t i = 0; i < PAGES; i++)
			expect(a, i, content[a][i]);
}

static uint32_t *filled(uint32_t value)
{
	static uint32_t page[PAGE / 4];

	for (size_t i = 0; i < PAGE / 4; i++)
		page[i] = value;
	return page;
}

static void by_hand(int a, size_t page)
{
	memcpy(area[a] + page * PAGE, filled(content[a][page] = next++), PAGE);
}

static void by_system_call(int a, size_t page)
{
	int ends[2];

	CHECK(pipe(ends) == 0);
	CHECK(write(ends[1], filled(content[a][page] = next++), PAGE) == (ssize_t)PAGE);
	CHECK(read(ends[0], area[a] + page * PAGE, PAGE) == (ssize_t)PAGE);
	close(ends[0]);
	close(ends[1]);
}

static void by_other_process(int a, size_t page)
{
	struct iovec from = {filled(content[a][page] = next++), PAGE};
	struct iovec to = {area[a] + page * PAGE, PAGE};

	CHECK(process_vm_writev(getpid(), &from, 1, &to, 1, 0) == (ssize_t)PAGE);
}

static void after_fork(int a, size_t page)
{
	int pid = fork(), status;

	if (pid == 0) {
		memset(area[a], 77, PAGES * PAGE);
		_exit(0);
	}
	by_hand(a, page);
	CHECK(waitpid(pid, &status, 0) == pid);
}

static void dropped(int a, size_t page)
{
	CHECK(madvise(area[a] + page * PAGE, PAGE, MADV_DONTNEED) == 0);
	content[a][page] = 0;
	if (page % 2)
		by_hand(a, page);
}

/* Only in the first area: the others are moved whole, which takes one mapping each. */
static void mapped_anew(int a, size_t page)
{
	void *at = area[a = 0] + page * PAGE;

	CHECK(munmap(at, PAGE) == 0);
	CHECK(mmap(at, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		   0) == at);
	by_hand(a, page);
}

static void protected(int a, size_t page)
{
	CHECK(mprotect(area[a] + page * PAGE, PAGE, PROT_READ) == 0);
	CHECK(mprotect(area[a] + page * PAGE, PAGE, PROT_READ | PROT_WRITE) == 0);
	by_hand(a, page);
}

/* Two areas change places, and are written to afterwards. */
static void moved(int a, size_t page)
{
	int b = 3 - (a = 1 + a % 2);
	size_t bytes = PAGES * PAGE;
	char *away = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	static uint32_t keep[PAGES];

	CHECK(mremap(area[a], bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, away) == away);
	CHECK(mremap(area[b], bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, area[a]) == area[a]);
	CHECK(mremap(away, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, area[b]) == area[b]);
	memcpy(keep, content[a], sizeof(keep));
	memcpy(content[a], content[b], sizeof(keep));
	memcpy(content[b], keep, sizeof(keep));
	by_hand(a, page);
	by_hand(b, page);
}

/*
 * As another process does that had looked the page up before it was protected, and writes to it
 * only now: nothing notes it.
 */
static void unseen(int a, size_t page)
{
	struct uffdio_writeprotect range = {.range = {(uint64_t)(area[a] + page * PAGE), PAGE}};
	char link[64], target[64];
	int fd;

	for (fd = 3; fd < 1024; fd++) {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		if (readlink(link, target, sizeof(target)) > 20 &&
		    !memcmp(target, "anon_inode:[userfaul", 20))
			break;
	}
	if (fd == 1024)
		return; /* this kernel notes nothing: all pages are compared */
	CHECK(ioctl(fd, UFFDIO_WRITEPROTECT, &range) == 0);
	by_hand(a, page);
	range.mode = UFFDIO_WRITEPROTECT_MODE_WP;
	CHECK(ioctl(fd, UFFDIO_WRITEPROTECT, &range) == 0);
}

int main(int argc, char **argv)
{
	static void (*const ways[])(int, size_t) = {by_hand,	by_system_call, by_other_process,
						    after_fork, dropped,	mapped_anew,
						    protected,	moved};
	unsigned seed = 1;
	int restored = 0;

	take_init(argc, argv);
	for (int a = 0; a < AREAS; a++) {
		area[a] = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		CHECK(area[a] != MAP_FAILED);
		for (size_t i = 0; i < PAGES; i++)
			if (i % 8)
				by_hand(a, i);
	}
	for (int round = 0; round < ROUNDS; round++) {
		restored = take();
		check();
		if (round == 0 && !restored && getenv("TAKE_UNSEEN"))
			unseen(QUIET, 1);
		for (size_t w = 0; w < sizeof(ways) / sizeof(*ways); w++)
			for (int k = 0; k < 20; k++)
				ways[w](rand_r(&seed) % QUIET, (size_t)rand_r(&seed) % PAGES);
		check();
	}
	printf("%s\n", restored ? "restored" : "original");
	return 0;
}
