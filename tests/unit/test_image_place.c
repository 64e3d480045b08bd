/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Images that are put in place one after the other: what lies there at last is the last one, to the
 * byte, and pages that are there already are not read again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "image/pages.h"
#include "image/place.h"
#include "unit.h"

#define PAGE  4096UL
#define BASE  0x300000000000UL /* free, and no shadow of a sanitizer */
#define AREA  96	       /* pages */
#define WORDS (PAGE / sizeof(uint32_t))

/* What a process has: per page which mapping it belongs to (0: none), and its content (0: zeros).
 */
struct memory {
	int mapping[AREA];
	uint32_t content[AREA];
	int protection[AREA + 1]; /* per mapping */
};

struct image {
	struct rf_loaded loaded;
	struct rf_source source;
	struct rf_region region[AREA];
	struct rf_run run[AREA];
	struct rf_sum sum[AREA];
	uint32_t content[AREA]; /* of the stored pages */
};

static struct rf_error err;
static int pages_read;

static void fill(uint32_t *page, uint32_t content)
{
	for (size_t i = 0; i < WORDS; i++)
		page[i] = content ? content * 2654435761u + (uint32_t)i : 0;
}

static int read_pages(const struct rf_source *source, uint64_t first, uint64_t n, void *to,
		      struct rf_error *e)
{
	const uint32_t *content = source->state;

	(void)e;
	for (uint64_t i = 0; i < n; i++)
		fill((uint32_t *)to + i * WORDS, content[first + i]);
	__atomic_add_fetch(&pages_read, (int)n, __ATOMIC_RELAXED);
	return 0;
}

static void take(struct image *image, const struct memory *m)
{
	static char names[] = "area";
	uint64_t regions = 0, runs = 0, stored = 0;
	uint32_t page[WORDS];

	memset(image, 0, sizeof(*image));
	for (int p = 0; p < AREA; p++) {
		if (!m->mapping[p])
			continue;
		if (!p || m->mapping[p - 1] != m->mapping[p])
			image->region[regions++] = (struct rf_region){
				.start = BASE + (uint64_t)p * PAGE,
				.protection = (uint32_t)m->protection[m->mapping[p]]};
		image->region[regions - 1].end = BASE + (uint64_t)(p + 1) * PAGE;
		if (!m->content[p])
			continue;
		/* a run may go on in the next region */
		if (!p || !m->mapping[p - 1] || !m->content[p - 1])
			image->run[runs++] =
				(struct rf_run){BASE + (uint64_t)p * PAGE, stored, 0, 0};
		image->run[runs - 1].pages++;
		image->content[stored] = m->content[p];
		fill(page, m->content[p]);
		rf_pages_sum(page, 1, &image->sum[stored++]);
	}
	image->source = (struct rf_source){.path = names,
					   .fd = -1,
					   .pages = stored,
					   .sums = image->sum,
					   .state = image->content,
					   .read = read_pages};
	image->loaded.source = &image->source;
	image->loaded.sources = 1;
	image->loaded.tables.table[RF_TABLE_REGIONS].data = image->region;
	image->loaded.tables.table[RF_TABLE_REGIONS].count = regions;
	image->loaded.tables.table[RF_TABLE_RUNS].data = image->run;
	image->loaded.tables.table[RF_TABLE_RUNS].count = runs;
	image->loaded.tables.table[RF_TABLE_NAMES].data = names;
	image->loaded.tables.table[RF_TABLE_NAMES].count = sizeof(names);
}

static int is_mapped(uint64_t address)
{
	unsigned char in;

	return mincore((void *)address, PAGE, &in) == 0;
}

/* The pages that are not as they should be. */
static int wrong(const struct memory *m)
{
	uint32_t page[WORDS];
	int bad = 0;

	for (int p = 0; p < AREA; p++) {
		uint64_t address = BASE + (uint64_t)p * PAGE;

		if (is_mapped(address) != (m->mapping[p] != 0)) {
			bad++;
		} else if (m->mapping[p]) {
			fill(page, m->content[p]);
			bad += memcmp((void *)address, page, PAGE) != 0;
		}
	}
	return bad;
}

static void lay_out(struct memory *m)
{
	int mapping = 0, left = 0;

	for (int p = 0; p < AREA; p++) {
		if (!left--) {
			left = rand() % 12;
			mapping = rand() % 4 ? p + 1 : 0;
			m->protection[p + 1] = rand() % 2 ? PROT_READ : PROT_READ | PROT_WRITE;
		}
		m->mapping[p] = mapping;
		if (!mapping)
			m->content[p] = 0;
	}
}

static void change(struct memory *m, int pages)
{
	while (pages--) {
		int p = rand() % AREA;

		if (m->mapping[p])
			m->content[p] = rand() % 3 ? (uint32_t)rand() : 0;
	}
}

static void test_random(void)
{
	static struct image image[2];
	struct memory m;
	int seed, step;

	for (seed = 1; seed <= 200; seed++) {
		srand((unsigned)seed);
		memset(&m, 0, sizeof(m));
		lay_out(&m);
		change(&m, AREA);
		for (step = 0; step < 8; step++) {
			take(&image[step % 2], &m);
			CU_ASSERT_EQUAL(rf_place(&image[step % 2].loaded,
						 step ? &image[!(step % 2)].loaded : NULL, 0, &err),
					0);
			CU_ASSERT_EQUAL(wrong(&m), 0);
			if (rand() % 4 == 0)
				lay_out(&m);
			change(&m, rand() % 20);
		}
		munmap((void *)BASE, AREA * PAGE);
	}
}

static void test_once(void)
{
	static struct image first, second;
	struct memory m = {.protection = {[1] = PROT_READ | PROT_WRITE}};

	for (int p = 0; p < AREA; p++) {
		m.mapping[p] = 1;
		m.content[p] = (uint32_t)p + 1;
	}
	take(&first, &m);
	pages_read = 0;
	CU_ASSERT_EQUAL(rf_place(&first.loaded, NULL, 0, &err), 0);
	CU_ASSERT_EQUAL(pages_read, AREA);
	m.content[7] = 1000;
	m.content[8] = 1001;
	m.content[50] = 0;
	take(&second, &m);
	pages_read = 0;
	CU_ASSERT_EQUAL(rf_place(&second.loaded, &first.loaded, 0, &err), 0);
	CU_ASSERT_EQUAL(pages_read, 2);
	CU_ASSERT_EQUAL(wrong(&m), 0);
	munmap((void *)BASE, AREA * PAGE);
}

/* Somebody else's mapping where a new region is to be. */
static void test_taken(void)
{
	static struct image first, second;
	struct memory m = {.protection = {[1] = PROT_READ | PROT_WRITE}};
	void *other;

	for (int p = 0; p < AREA / 2; p++)
		m.mapping[p] = 1;
	take(&first, &m);
	CU_ASSERT_EQUAL(rf_place(&first.loaded, NULL, 0, &err), 0);
	other = mmap((void *)(BASE + (AREA - 1) * PAGE), PAGE, PROT_READ,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	CU_ASSERT_NOT_EQUAL(other, MAP_FAILED);
	for (int p = 0; p < AREA; p++)
		m.mapping[p] = 1;
	take(&second, &m);
	CU_ASSERT_EQUAL(rf_place(&second.loaded, &first.loaded, 0, &err), -1);
	CU_ASSERT_EQUAL(err.code, EEXIST);
	munmap((void *)BASE, AREA * PAGE);
}

static const struct unit_test tests[] = {
	{"random images lie where they should, one after the other", test_random},
	{"a page that is there is not read again", test_once},
	{"an address that is taken is said", test_taken},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("image_place", tests);
}
