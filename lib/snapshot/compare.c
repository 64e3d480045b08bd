/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "snapshot/compare.h"
#include "snapshot/h5image.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rf_compare {
	struct rf_loaded base;
	char *path;	    /* of the new file */
	uint64_t base_at;   /* run of the base that the next address is in or before */
	uint64_t run, skip; /* place in the new runs */
	struct rf_run *runs;
	uint64_t run_count, run_room;
	struct rf_sum *sums;
	uint64_t pages, sum_room;
	struct rf_h5source *sources;
	uint32_t *renamed; /* per source of the base: its number in the new image, 0 while unused */
	uint64_t source_count;
};

struct rf_compare *rf_compare_open(const char *base, const char *path, struct rf_error *err)
{
	struct rf_compare *c = calloc(1, sizeof(*c));

	if (!c || !(c->path = strdup(path))) {
		free(c);
		rf_error_set(err, ENOMEM, "no memory to compare with %s", base);
		return NULL;
	}
	if (rf_h5image_load(&c->base, base, err) || rf_loaded_validate(&c->base, err)) {
		rf_compare_close(c);
		return NULL;
	}
	c->renamed = calloc(c->base.sources, sizeof(*c->renamed));
	c->sources = calloc(c->base.sources, sizeof(*c->sources));
	if (!c->renamed || !c->sources) {
		rf_error_set(err, ENOMEM, "no memory to compare with %s", base);
		rf_compare_close(c);
		return NULL;
	}
	return c;
}

/* The base's place for a page; addresses ascend from call to call. */
static int find(struct rf_compare *c, uint64_t address, uint32_t *source, uint64_t *page)
{
	const struct rf_run *run = c->base.tables.table[RF_TABLE_RUNS].data;
	uint64_t n = c->base.tables.table[RF_TABLE_RUNS].count;

	while (c->base_at < n &&
	       run[c->base_at].address + run[c->base_at].pages * RF_PAGE_SIZE <= address)
		c->base_at++;
	if (c->base_at == n || run[c->base_at].address > address)
		return 0;
	*source = run[c->base_at].source;
	*page = run[c->base_at].first + (address - run[c->base_at].address) / RF_PAGE_SIZE;
	return 1;
}

static int add_page(struct rf_compare *c, uint64_t address, uint32_t source, uint64_t page)
{
	struct rf_run *last = c->runs + c->run_count - 1;

	if (c->run_count && last->source == source &&
	    last->address + last->pages * RF_PAGE_SIZE == address &&
	    last->first + last->pages == page && last->pages < UINT32_MAX) {
		last->pages++;
		return 0;
	}
	if (c->run_count == c->run_room) {
		uint64_t room = c->run_room ? c->run_room * 2 : 4096;
		struct rf_run *more = realloc(c->runs, room * sizeof(*more));

		if (!more)
			return -1;
		c->runs = more;
		c->run_room = room;
	}
	c->runs[c->run_count++] = (struct rf_run){address, page, 1, source};
	return 0;
}

static int add_sum(struct rf_compare *c, const struct rf_sum *sum)
{
	if (c->pages == c->sum_room) {
		uint64_t room = c->sum_room ? c->sum_room * 2 : 4096;
		struct rf_sum *more = realloc(c->sums, room * sizeof(*more));

		if (!more)
			return -1;
		c->sums = more;
		c->sum_room = room;
	}
	c->sums[c->pages++] = *sum;
	return 0;
}

static int same_sum(const struct rf_sum *a, const struct rf_sum *b)
{
	return a->low == b->low && a->high == b->high;
}

static int no_memory(struct rf_error *err)
{
	return rf_error_set(err, ENOMEM, "no memory to compare with the base");
}

static int add_one(struct rf_compare *c, uint64_t address, const struct rf_sum *sum,
		   uint8_t *wanted, struct rf_error *err)
{
	uint32_t source;
	uint64_t page;

	int unchanged = same_sum(sum, &RF_SUM_UNCHANGED);

	if (find(c, address, &source, &page)) {
		if (unchanged || same_sum(sum, &c->base.source[source].sums[page])) {
			*wanted = 0;
			if (!c->renamed[source])
				c->renamed[source] = (uint32_t)++c->source_count;
			return add_page(c, address, c->renamed[source], page) ? no_memory(err) : 0;
		}
	}
	if (unchanged)
		return rf_error_set(err, ESTALE,
				    "%s does not have a page that has not changed since",
				    c->base.source[0].path);
	*wanted = 1;
	return add_page(c, address, 0, c->pages) || add_sum(c, sum) ? no_memory(err) : 0;
}

int rf_compare_next(struct rf_compare *c, const struct rf_run *runs, uint64_t count,
		    const struct rf_sum *sums, uint64_t n, uint8_t *wanted, struct rf_error *err)
{
	for (uint64_t i = 0; i < n; i++) {
		if (c->run == count)
			return rf_error_set(err, EPROTO, "more pages than the table of runs has");
		if (add_one(c, runs[c->run].address + c->skip * RF_PAGE_SIZE, &sums[i], &wanted[i],
			    err))
			return -1;
		if (++c->skip == runs[c->run].pages) {
			c->run++;
			c->skip = 0;
		}
	}
	return 0;
}

/* STORE/job/000011/rank.h5 as seen from STORE/job/000012.partial/: ../000011/rank.h5, so that a
 * store can be moved as a whole. Otherwise the absolute path. */
static int name_source(const struct rf_compare *c, const char *path, struct rf_h5source *to,
		       struct rf_error *err)
{
	char *real = realpath(path, NULL), *copy = strdup(c->path), *dir = NULL;
	char *slash = real ? strrchr(real, '/') : NULL, *above;
	int n = -1;

	if (copy)
		dir = realpath(dirname(copy), NULL);
	if (slash && dir) {
		size_t job;

		n = snprintf(to->path, sizeof(to->path), "%s", real);
		*slash = 0;
		above = strrchr(real, '/');
		job = above ? (size_t)(above - real) : 0;
		if (above && !strncmp(real, dir, job + 1) && !strchr(dir + job + 1, '/'))
			n = snprintf(to->path, sizeof(to->path), "../%s/%s", above + 1, slash + 1);
	}
	free(real);
	free(dir);
	free(copy);
	if (n < 0 || (size_t)n >= sizeof(to->path))
		return rf_error_set(err, ENAMETOOLONG, "cannot name the base file %s", path);
	return 0;
}

int rf_compare_result(struct rf_compare *c, struct rf_compared *result, struct rf_error *err)
{
	for (unsigned i = 0; i < c->base.sources; i++) {
		struct rf_h5source *to;
		struct rf_seal seal;

		if (!c->renamed[i])
			continue;
		to = &c->sources[c->renamed[i] - 1];
		if (rf_seal_read(c->base.source[i].path, &seal, err) ||
		    name_source(c, c->base.source[i].path, to, err))
			return -1;
		to->digest = seal.digest;
	}
	*result = (struct rf_compared){c->runs,	 c->run_count, c->sums,
				       c->pages, c->sources,   c->source_count};
	return 0;
}

void rf_compare_close(struct rf_compare *c)
{
	if (!c)
		return;
	rf_loaded_free(&c->base);
	free(c->path);
	free(c->runs);
	free(c->sums);
	free(c->sources);
	free(c->renamed);
	free(c);
}
