/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "image/place.h"
#include "image/pages.h"
#include "image/parallel.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#define UNIT_PAGES 256 /* 1 MiB: verified while it is in the cache */
#define LAZY_PAGES 64  /* shorter runs are read: each mapping costs one of vm.max_map_count */
#define LAZY_MAX   16384

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

struct unit {
	const struct rf_run *run;
	uint64_t skip; /* pages of the run before this unit */
	uint64_t pages;
	int mapped; /* from the file: only to be verified */
};

struct filling {
	const struct rf_loaded *image;
	struct unit *unit;
	uint64_t units;
};

static int map_one(const struct rf_region *r, int protection)
{
	int flags = MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
	void *want = (void *)r->start, *got = MAP_FAILED;
	size_t n = r->end - r->start;

	flags |= r->flags & RF_REGION_SHARED ? MAP_SHARED : MAP_PRIVATE;
	if (r->flags & RF_REGION_NORESERVE)
		flags |= MAP_NORESERVE;
	if (r->flags & RF_REGION_STACK)
		flags |= MAP_GROWSDOWN | MAP_STACK;
	if (r->flags & RF_REGION_HUGETLB) /* without free huge pages, ordinary ones do as well */
		got = mmap(want, n, protection, flags | MAP_HUGETLB, -1, 0);
	if (got == MAP_FAILED)
		got = mmap(want, n, protection, flags, -1, 0);
	if (got != want && got != MAP_FAILED) { /* a kernel before 4.17: the flag was only a hint */
		munmap(got, n);
		errno = EEXIST;
	}
	if (got != want)
		return -1;
	if (r->flags & (RF_REGION_HUGE | RF_REGION_HUGETLB))
		madvise(want, n, MADV_HUGEPAGE);
	if (r->flags & RF_REGION_NOHUGE)
		madvise(want, n, MADV_NOHUGEPAGE);
	return 0;
}

/* Does a run begin or go on in this region? Runs and regions ascend. */
static int has_pages(const struct rf_loaded *image, const struct rf_region *r, uint64_t *at)
{
	const struct rf_run *run = image->tables.table[RF_TABLE_RUNS].data;
	uint64_t n = image->tables.table[RF_TABLE_RUNS].count;

	while (*at < n && run[*at].address + run[*at].pages * RF_PAGE_SIZE <= r->start)
		(*at)++;
	return *at < n && run[*at].address < r->end;
}

/* Can a region that was mapped for `old` be that of `r`? `pages`, `had`: whether they have any. */
static int is_same(const struct rf_region *r, int pages, const struct rf_region *old, int had)
{
	uint32_t special = RF_REGION_SHARED | RF_REGION_STACK | RF_REGION_HUGETLB;

	return r->start == old->start && r->end == old->end && r->flags == old->flags &&
	       !(r->flags & special) && pages == had && (pages || r->protection == old->protection);
}

/* Unmaps the regions of `before` that are not as the image has them, and notes the others. */
static int unmap_changed(const struct rf_loaded *image, const struct rf_loaded *before,
			 uint8_t *stays, struct rf_error *err)
{
	const struct rf_region *r = image->tables.table[RF_TABLE_REGIONS].data;
	const struct rf_region *old = before->tables.table[RF_TABLE_REGIONS].data;
	uint64_t n = image->tables.table[RF_TABLE_REGIONS].count, i = 0, at = 0, old_at = 0;

	for (uint64_t k = 0; k < before->tables.table[RF_TABLE_REGIONS].count; k++) {
		int had = has_pages(before, &old[k], &old_at);

		while (i < n && r[i].start < old[k].start)
			i++;
		if (i < n && is_same(&r[i], has_pages(image, &r[i], &at), &old[k], had))
			stays[i] = 1;
		else if (munmap((void *)old[k].start, old[k].end - old[k].start))
			return rf_error_errno(err, "cannot unmap memory at %lx-%lx",
					      (unsigned long)old[k].start,
					      (unsigned long)old[k].end);
	}
	return 0;
}

static int map_all(const struct rf_loaded *image, const uint8_t *stays, struct rf_error *err)
{
	const struct rf_region *r = image->tables.table[RF_TABLE_REGIONS].data;
	uint64_t at = 0;

	for (uint64_t i = 0; i < image->tables.table[RF_TABLE_REGIONS].count; i++) {
		int filled = has_pages(image, &r[i], &at);

		if (!stays[i] &&
		    map_one(&r[i], filled ? PROT_READ | PROT_WRITE : (int)r[i].protection))
			return rf_error_errno(err, "cannot map memory at %lx-%lx (%s)",
					      (unsigned long)r[i].start, (unsigned long)r[i].end,
					      rf_loaded_name(image, r[i].name));
	}
	return 0;
}

/* The stored page of an address that is not below the last one asked for with `at`; NULL: it has
 * none. */
static const struct rf_sum *sum_at(const struct rf_loaded *image, uint64_t address, uint64_t *at)
{
	const struct rf_run *run = image->tables.table[RF_TABLE_RUNS].data;
	uint64_t n = image->tables.table[RF_TABLE_RUNS].count;

	while (*at < n && run[*at].address + run[*at].pages * RF_PAGE_SIZE <= address)
		(*at)++;
	if (*at == n || run[*at].address > address)
		return NULL;
	return image->source[run[*at].source].sums + run[*at].first +
	       (address - run[*at].address) / RF_PAGE_SIZE;
}

/* Is this address in a region that stays? Those that are asked for ascend, too. */
static int stays_at(const struct rf_loaded *image, const uint8_t *stays, uint64_t address,
		    uint64_t *at)
{
	const struct rf_region *r = image->tables.table[RF_TABLE_REGIONS].data;
	uint64_t n = image->tables.table[RF_TABLE_REGIONS].count;

	while (*at < n && r[*at].end <= address)
		(*at)++;
	return *at < n && r[*at].start <= address && stays[*at];
}

/* Pages that are all zero now are not stored: what was there before has to go. */
static int drop_old_pages(const struct rf_loaded *image, const struct rf_loaded *before,
			  const uint8_t *stays, struct rf_error *err)
{
	const struct rf_run *old = before->tables.table[RF_TABLE_RUNS].data;
	uint64_t at = 0, region = 0;

	for (uint64_t i = 0; i < before->tables.table[RF_TABLE_RUNS].count; i++)
		for (uint64_t p = 0; p < old[i].pages; p++) {
			uint64_t address = old[i].address + p * RF_PAGE_SIZE;

			if (!sum_at(image, address, &at) &&
			    stays_at(image, stays, address, &region) &&
			    madvise((void *)address, RF_PAGE_SIZE, MADV_DONTNEED))
				return rf_error_errno(err, "cannot empty memory at %lx",
						      (unsigned long)address);
		}
	return 0;
}

/* `buf` has room for a unit. Reading a mapping instead would raise SIGBUS where read() has an
 * error. */
static int fill_unit(void *arg, uint64_t i, void *buf, struct rf_error *err)
{
	const struct filling *f = arg;
	const struct unit *u = &f->unit[i];
	const struct rf_source *s = &f->image->source[u->run->source];
	char *to = u->mapped ? buf : (char *)u->run->address + u->skip * RF_PAGE_SIZE;
	uint64_t first = u->run->first + u->skip, good;

	if (s->read(s, first, u->pages, to, err))
		return -1;
	good = rf_pages_verify(to, u->pages, s->sums + first);
	if (good < u->pages)
		return rf_error_set(err, EIO, "%s is damaged: page %llu has a wrong checksum",
				    s->path, (unsigned long long)(first + good));
	return 0;
}

/* Maps a run of a plain source over the region's memory, if that is worth it. */
static int map_lazily(const struct rf_loaded *image, const struct rf_run *run, uint64_t *mapped)
{
	const struct rf_source *s = &image->source[run->source];

	if (!s->plain || run->pages < LAZY_PAGES || *mapped == LAZY_MAX)
		return 0;
	if (mmap((void *)run->address, run->pages * RF_PAGE_SIZE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_FIXED, s->fd,
		 (off_t)(s->offset + run->first * RF_PAGE_SIZE)) == MAP_FAILED)
		return 0;
	(*mapped)++;
	return 1;
}

/* A stack must keep its own mapping to grow, shared memory to stay shared. */
static int may_map(const struct rf_loaded *image, const struct rf_run *run, uint64_t *at)
{
	const struct rf_region *r = image->tables.table[RF_TABLE_REGIONS].data;
	uint64_t end = run->address + run->pages * RF_PAGE_SIZE;

	while (r[*at].end <= run->address)
		(*at)++;
	return end <= r[*at].end &&
	       !(r[*at].flags & (RF_REGION_STACK | RF_REGION_SHARED | RF_REGION_HUGETLB));
}

static void add_page(struct filling *f, const struct rf_run *run, uint64_t page, int mapped)
{
	struct unit *last = f->unit + f->units - 1;

	if (f->units && last->run == run && last->skip + last->pages == page &&
	    last->pages < UNIT_PAGES)
		last->pages++;
	else
		f->unit[f->units++] = (struct unit){run, page, 1, mapped};
}

/* Lists what is to be read: all pages but those that are there, with the same checksum. */
static void list_units(struct filling *f, const struct rf_loaded *before, const uint8_t *stays,
		       int lazy)
{
	const struct rf_run *run = f->image->tables.table[RF_TABLE_RUNS].data;
	uint64_t mapped = 0, at = 0, there = 0, region = 0;

	for (uint64_t i = 0; i < f->image->tables.table[RF_TABLE_RUNS].count; i++) {
		const struct rf_sum *sums = f->image->source[run[i].source].sums + run[i].first;
		int lazily = lazy && may_map(f->image, &run[i], &at) &&
			     map_lazily(f->image, &run[i], &mapped);

		for (uint64_t p = 0; p < run[i].pages; p++) {
			uint64_t address = run[i].address + p * RF_PAGE_SIZE;
			const struct rf_sum *old = before ? sum_at(before, address, &there) : NULL;

			if (!old || old->low != sums[p].low || old->high != sums[p].high ||
			    !stays_at(f->image, stays, address, &region))
				add_page(f, &run[i], p, lazily);
		}
	}
}

int rf_place(const struct rf_loaded *image, const struct rf_loaded *before, int lazy,
	     struct rf_error *err)
{
	const struct rf_run *run = image->tables.table[RF_TABLE_RUNS].data;
	uint64_t n = image->tables.table[RF_TABLE_RUNS].count, units = 1;
	uint8_t *stays = calloc(image->tables.table[RF_TABLE_REGIONS].count + 1, 1);
	struct filling f = {.image = image};
	int failed;

	for (uint64_t i = 0; i < n; i++)
		units += before ? run[i].pages : (run[i].pages + UNIT_PAGES - 1) / UNIT_PAGES;
	f.unit = malloc(units * sizeof(*f.unit));
	if (!f.unit || !stays)
		failed = rf_error_set(err, ENOMEM, "no memory to restore the image");
	else
		failed = (before && unmap_changed(image, before, stays, err)) ||
			 map_all(image, stays, err) ||
			 (before && drop_old_pages(image, before, stays, err));
	if (!failed) {
		list_units(&f, before, stays, lazy && !before);
		failed = rf_parallel(f.units, fill_unit, &f, UNIT_PAGES * RF_PAGE_SIZE, err);
	}
	free(f.unit);
	free(stays);
	return failed ? -1 : 0;
}

int rf_place_protect(const struct rf_loaded *image, struct rf_error *err)
{
	const struct rf_region *r = image->tables.table[RF_TABLE_REGIONS].data;
	uint64_t at = 0;

	for (uint64_t i = 0; i < image->tables.table[RF_TABLE_REGIONS].count; i++) {
		void *start = (void *)r[i].start;
		size_t n = r[i].end - r[i].start;

		if (r[i].protection != (PROT_READ | PROT_WRITE) && has_pages(image, &r[i], &at) &&
		    mprotect(start, n, (int)r[i].protection))
			return rf_error_errno(err, "cannot protect memory at %lx-%lx",
					      (unsigned long)r[i].start, (unsigned long)r[i].end);
		if (r[i].flags & RF_REGION_DONTFORK)
			madvise(start, n, MADV_DONTFORK);
		if (r[i].flags & RF_REGION_WIPE)
			madvise(start, n, MADV_WIPEONFORK);
		if (r[i].flags &
		    RF_REGION_LOCKED) /* a limit here may be lower; then it stays as it is */
			mlock2(start, n, MLOCK_ONFAULT);
	}
	return 0;
}
