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

static int map_all(const struct rf_loaded *image, struct rf_error *err)
{
	const struct rf_region *r = image->tables.table[RF_TABLE_REGIONS].data;
	uint64_t at = 0;

	for (uint64_t i = 0; i < image->tables.table[RF_TABLE_REGIONS].count; i++) {
		int filled = has_pages(image, &r[i], &at);

		if (map_one(&r[i], filled ? PROT_READ | PROT_WRITE : (int)r[i].protection))
			return rf_error_errno(err, "cannot map memory at %lx-%lx (%s)",
					      (unsigned long)r[i].start, (unsigned long)r[i].end,
					      rf_loaded_name(image, r[i].name));
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

int rf_place(const struct rf_loaded *image, int lazy, struct rf_error *err)
{
	const struct rf_run *run = image->tables.table[RF_TABLE_RUNS].data;
	uint64_t n = image->tables.table[RF_TABLE_RUNS].count, units = 0, mapped = 0, at = 0;
	struct filling f = {.image = image};
	int failed;

	if (map_all(image, err))
		return -1;
	for (uint64_t i = 0; i < n; i++)
		units += (run[i].pages + UNIT_PAGES - 1) / UNIT_PAGES;
	f.unit = malloc((units + 1) * sizeof(*f.unit));
	if (!f.unit)
		return rf_error_set(err, ENOMEM, "no memory to restore the image");
	for (uint64_t i = 0; i < n; i++) {
		int lazily =
			lazy && may_map(image, &run[i], &at) && map_lazily(image, &run[i], &mapped);

		for (uint64_t skip = 0; skip < run[i].pages; skip += UNIT_PAGES) {
			uint64_t left = run[i].pages - skip;

			f.unit[f.units++] = (struct unit){
				&run[i], skip, left < UNIT_PAGES ? left : UNIT_PAGES, lazily};
		}
	}
	failed = rf_parallel(f.units, fill_unit, &f, UNIT_PAGES * RF_PAGE_SIZE, err);
	free(f.unit);
	return failed;
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
