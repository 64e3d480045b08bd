/* SPDX-License-Identifier: BSD-3-Clause */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "engine/window.h"

static struct rf_window *open_window(void)
{
	struct rf_window *w = calloc(1, sizeof(*w));
	struct rf_error err;

	if (w && rf_window_open(w, 0, &err)) {
		CU_FAIL("window does not open");
		free(w);
		return NULL;
	}
	return w;
}

static void close_window(struct rf_window *w)
{
	munmap((void *)w->base, RF_WINDOW_SIZE);
	free(w);
}

static void test_take(void)
{
	struct rf_window *w = open_window();
	unsigned long a, b, c;

	a = rf_window_take(w, 5000);
	b = rf_window_take(w, 4096);
	c = rf_window_take(w, 3ul << 20);
	CU_ASSERT_EQUAL(a, w->base + RF_WINDOW_STUBS);
	CU_ASSERT_EQUAL(b, a + 8192);
	CU_ASSERT_EQUAL(c % (2ul << 20), 0);
	CU_ASSERT_EQUAL(rf_window_take(w, 0), 0);
	CU_ASSERT_EQUAL(rf_window_take(w, RF_WINDOW_SIZE), 0);
	rf_window_free(w, a, 8192);
	CU_ASSERT_EQUAL(rf_window_take(w, 12288), b + 4096);
	CU_ASSERT_EQUAL(rf_window_take(w, 8192), a);
	close_window(w);
}

static void test_extend(void)
{
	struct rf_window *w = open_window();
	unsigned long a = rf_window_take(w, 4096), b;

	CU_ASSERT_EQUAL(rf_window_extend(w, a + 4096, 4096), 1);
	b = rf_window_take(w, 4096);
	CU_ASSERT_EQUAL(b, a + 8192);
	CU_ASSERT_EQUAL(rf_window_extend(w, a + 4096, 8192), 0);
	CU_ASSERT_EQUAL(rf_window_extend(w, w->end, 4096), 0);
	close_window(w);
}

/* Random takes and frees against a plain map of pages. */
static void test_random(void)
{
	enum { PAGES = 512 };
	struct rf_window *w = open_window();
	unsigned long base = w->base + RF_WINDOW_STUBS;
	char map[PAGES] = {0};
	unsigned int i, k, wrong = 0;

	srand(7);
	for (i = 0; i < 20000; i++) {
		unsigned int n = 1 + (unsigned int)rand() % 8, at;

		if (rand() % 2) {
			unsigned long got = rf_window_take(w, n * 4096ul);

			for (at = 0; at + n <= PAGES && memchr(map + at, 1, n); at++)
				;
			if (at + n > PAGES) {
				rf_window_free(w, got, n * 4096ul);
				continue;
			}
			wrong += got != base + at * 4096ul;
			memset(map + at, 1, n);
		} else {
			at = (unsigned int)rand() % (PAGES - n);
			rf_window_free(w, base + at * 4096ul, n * 4096ul);
			memset(map + at, 0, n);
		}
	}
	CU_ASSERT_EQUAL(wrong, 0);
	for (i = 1; i < w->count; i++)
		wrong += w->used[i - 1].end >= w->used[i].begin;
	for (k = 0; k < w->count; k++)
		wrong += w->used[k].begin >= w->used[k].end;
	CU_ASSERT_EQUAL(wrong, 0);
	close_window(w);
}

/* Every second page in use: the table fills up, the window says so and keeps what it has. */
static void test_full(void)
{
	struct rf_window *w = open_window();
	unsigned long base = w->base + (1ul << 30), i, marked = 0, before;

	for (i = 0; i < RF_WINDOW_INTERVALS + 10; i++)
		marked += !rf_window_mark(w, base + i * 8192, 4096);
	CU_ASSERT_EQUAL(marked, RF_WINDOW_INTERVALS - 2);
	CU_ASSERT_EQUAL(w->count, RF_WINDOW_INTERVALS);
	before = rf_window_take(w, 4096);
	CU_ASSERT_NOT_EQUAL(before, 0); /* it joins the first interval */
	CU_ASSERT_EQUAL(w->count, RF_WINDOW_INTERVALS);
	close_window(w);
}

static void test_fds(void)
{
	struct rf_window *w = open_window();

	CU_ASSERT_PTR_EQUAL(rf_window_fds(w), w->fds);
	w->pid++; /* as in a child made by vfork: another process, the same memory */
	CU_ASSERT_PTR_NULL(rf_window_fds(w));
	close_window(w);
}

static void test_collision(void)
{
	void *at = (void *)(RF_WINDOW_BASE + RF_WINDOW_SIZE / 2);
	struct rf_window *w = calloc(1, sizeof(*w));
	struct rf_error err;

	CU_ASSERT_PTR_EQUAL(
		mmap(at, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0), at);
	CU_ASSERT_EQUAL(rf_window_open(w, 0, &err), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "200800000000-200800001000"));
	munmap(at, 4096);
	CU_ASSERT_EQUAL(rf_window_open(w, 0, &err), 0);
	close_window(w);
}

static const struct unit_test tests[] = {
	{"takes the first space that fits", test_take},
	{"extends in place only into free space", test_extend},
	{"agrees with a page map over random use", test_random},
	{"a full table is no disaster", test_full},
	{"keeps the descriptors of its own process", test_fds},
	{"names the mapping that is in the way", test_collision},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("window", tests);
}
