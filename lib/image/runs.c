/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which pages of the regions are kept: those that are there and are not zero.
 *
 * Anonymous memory: what the page tables hold (PAGEMAP_SCAN since Linux 6.7, else
 * /proc/self/pagemap, both in Documentation/admin-guide/mm/pagemap.rst). Private file mappings:
 * every page that can be read, so that an image needs no file but itself.
 */
#include "image/regions.h"
#include "image/pagemap.h"
#include "image/proc.h"
#include "image/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>

#define RF_PAGE_IS_GUARD (1 << 8) /* Linux 6.15 */

#define SCAN_RANGES 512
#define ENTRIES	    512
#define AHEAD	    8		/* pages */
#define ENTRY_THERE (3UL << 62) /* present or swapped */
#define ENTRY_GUARD (1UL << 58)

struct scan {
	struct rf_memory *memory;
	int pagemap;
	int no_scan;			/* the kernel has no PAGEMAP_SCAN */
	const struct rf_region *hidden; /* the present region, while it cannot be read */
	uint64_t pages;
	int failed;
};

static int is_zero(const uint64_t *page)
{
	/* most pages with content show it in their first words */
	for (unsigned i = 0; i < RF_PAGE_SIZE / 8; i += 8)
		if (page[i] | page[i + 1] | page[i + 2] | page[i + 3] | page[i + 4] | page[i + 5] |
		    page[i + 6] | page[i + 7])
			return 0;
	return 1;
}

const void *rf_memory_at(const struct rf_memory *m, uint64_t address)
{
	const struct rf_shared_copy *c = (const struct rf_shared_copy *)m->copies.data;

	for (uint64_t i = 0; i < m->copies.count; i++)
		if (address >= c[i].range.start && address < c[i].range.end)
			return c[i].copy + (address - c[i].range.start);
	return (const void *)address;
}

/* Makes the region readable until rf_memory_protect(). Only regions that have pages are touched:
 * guard areas have none, and there may be many. */
static int uncover(struct scan *s)
{
	const struct rf_region *r = s->hidden;
	uint64_t *opened = rf_array_add(&s->memory->opened, 1);
	long got;

	if (!opened)
		return -ENOMEM;
	*opened = (uint64_t)(r - (const struct rf_region *)s->memory->regions->data);
	got = rf_sys(mprotect, r->start, r->end - r->start, r->protection | PROT_READ);
	s->hidden = NULL;
	return rf_sys_failed(got) ? (int)got : 0;
}

static void keep(struct scan *s, uint64_t start, uint64_t end)
{
	struct rf_array *runs = s->memory->runs;
	const char *page = rf_memory_at(s->memory, start);

	if (s->hidden && (s->failed = uncover(s)))
		return;
	for (uint64_t a = start; a < end; a += RF_PAGE_SIZE, page += RF_PAGE_SIZE) {
		struct rf_run *last = (struct rf_run *)runs->data + runs->count - 1;

		/* one look at each of many pages: what costs is to wait for memory */
		__builtin_prefetch(page + AHEAD * RF_PAGE_SIZE);
		if (is_zero((const uint64_t *)page))
			continue;
		if (!runs->count || last->address + last->pages * RF_PAGE_SIZE != a ||
		    last->pages == UINT32_MAX) {
			if (!(last = rf_array_add(runs, 1))) {
				s->failed = -ENOMEM;
				return;
			}
			last->address = a;
			last->first = s->pages;
		}
		last->pages++;
		s->pages++;
	}
}

/* Pages of a file mapping behind the end of the file cannot be read: ask the kernel, not SIGBUS. */
static void keep_readable(struct scan *s, uint64_t start, uint64_t end)
{
	char byte[256];
	struct iovec local = {byte, sizeof(byte)}, remote[256];
	long pid = rf_sys(getpid);

	while (start < end && !s->failed) {
		uint64_t n = (end - start) / RF_PAGE_SIZE;
		long got;

		if (n > 256)
			n = 256;
		for (uint64_t i = 0; i < n; i++)
			remote[i] = (struct iovec){(void *)(start + i * RF_PAGE_SIZE), 1};
		got = rf_sys(process_vm_readv, pid, &local, 1, remote, n, 0);
		if (got < 0)
			got = 0;
		keep(s, start, start + (uint64_t)got * RF_PAGE_SIZE);
		if (got == (long)n)
			start += n * RF_PAGE_SIZE;
		else
			start += ((uint64_t)got + 1) * RF_PAGE_SIZE;
	}
}

static int scan_region(struct scan *s, uint64_t start, uint64_t end)
{
	struct page_region found[SCAN_RANGES];

	while (start < end && !s->failed) {
		struct pm_scan_arg arg = {
			.size = sizeof(arg),
			.start = start,
			.end = end,
			.vec = (uint64_t)found,
			.vec_len = SCAN_RANGES,
			.category_anyof_mask = PAGE_IS_PRESENT | PAGE_IS_SWAPPED,
			.category_inverted = PAGE_IS_PFNZERO,
			.category_mask = PAGE_IS_PFNZERO,
			.return_mask = PAGE_IS_PRESENT | PAGE_IS_SWAPPED | RF_PAGE_IS_GUARD,
		};
		long n = rf_sys(ioctl, s->pagemap, PAGEMAP_SCAN, &arg);

		if (n == -EINVAL) { /* a kernel that does not know guard pages */
			arg.return_mask &= ~(uint64_t)RF_PAGE_IS_GUARD;
			n = rf_sys(ioctl, s->pagemap, PAGEMAP_SCAN, &arg);
		}
		if (n < 0)
			return (int)n;
		for (long i = 0; i < n; i++)
			if (!(found[i].categories & RF_PAGE_IS_GUARD))
				keep(s, found[i].start, found[i].end);
		start = arg.walk_end;
	}
	return 0;
}

static int read_pagemap(struct scan *s, uint64_t start, uint64_t end)
{
	uint64_t entry[ENTRIES];

	while (start < end && !s->failed) {
		uint64_t n = (end - start) / RF_PAGE_SIZE;
		long got;

		if (n > ENTRIES)
			n = ENTRIES;
		got = rf_sys(pread64, s->pagemap, entry, n * 8, start / RF_PAGE_SIZE * 8);
		if (got != (long)n * 8)
			return got < 0 ? (int)got : -EIO;
		for (uint64_t i = 0; i < n; i++) {
			uint64_t from = i;

			while (i < n && (entry[i] & ENTRY_THERE) && !(entry[i] & ENTRY_GUARD))
				i++;
			if (i > from)
				keep(s, start + from * RF_PAGE_SIZE, start + i * RF_PAGE_SIZE);
		}
		start += n * RF_PAGE_SIZE;
	}
	return 0;
}

static int keep_present(struct scan *s, uint64_t start, uint64_t end)
{
	if (!s->no_scan) {
		int r = scan_region(s, start, end);

		if (r != -ENOTTY)
			return r;
		s->no_scan = 1;
	}
	return read_pagemap(s, start, end);
}

static int keep_region(struct scan *s, const struct rf_region *r)
{
	int hidden = !(r->protection & PROT_READ) && !(r->flags & RF_REGION_SHARED);

	s->hidden = hidden ? r : NULL;
	if (hidden && (r->flags & RF_REGION_FILE) && (s->failed = uncover(s)))
		return s->failed;
	if (r->flags & RF_REGION_SHARED)
		keep(s, r->start, r->end);
	else if (r->flags & RF_REGION_FILE)
		keep_readable(s, r->start, r->end);
	else
		return keep_present(s, r->start, r->end);
	return s->failed;
}

int rf_memory_runs(struct rf_memory *m, uint64_t *pages, struct rf_error *err)
{
	const struct rf_region *r = (const struct rf_region *)m->regions->data;
	long fd = rf_sys(openat, AT_FDCWD, "/proc/self/pagemap", O_RDONLY | O_CLOEXEC, 0);
	struct scan s = {.memory = m, .pagemap = (int)fd};
	int failed = 0;

	if (rf_sys_failed(fd))
		return rf_error_set(err, (int)-fd, "cannot open /proc/self/pagemap");
	for (uint64_t i = 0; i < m->regions->count && !failed; i++) {
		failed = keep_region(&s, &r[i]);
		if (!failed)
			failed = s.failed;
		if (failed)
			rf_error_set(err, -failed, "cannot read memory at %lx-%lx: error %d",
				     (unsigned long)r[i].start, (unsigned long)r[i].end, -failed);
	}
	rf_sys(close, fd);
	*pages = s.pages;
	return failed ? -1 : 0;
}

void rf_memory_protect(struct rf_memory *m)
{
	const struct rf_region *r = (const struct rf_region *)m->regions->data;

	const uint64_t *opened = (const uint64_t *)m->opened.data;

	for (uint64_t i = 0; i < m->opened.count; i++) {
		const struct rf_region *one = &r[opened[i]];

		rf_sys(mprotect, one->start, one->end - one->start, one->protection);
	}
	m->opened.count = 0;
}

int rf_memory_copy_shared(struct rf_memory *m, struct rf_error *err)
{
	struct rf_region *r = (struct rf_region *)m->regions->data;

	for (uint64_t i = 0; i < m->regions->count; i++) {
		uint64_t n = r[i].end - r[i].start;
		struct rf_shared_copy *c;
		int hidden = !(r[i].protection & PROT_READ);

		if (!(r[i].flags & RF_REGION_SHARED))
			continue;
		c = rf_array_add(&m->copies, 1);
		if (!c || !(c->copy = rf_array_add(&m->copied, n)))
			return rf_error_set(err, ENOMEM, "no memory for a copy of shared memory");
		c->range = (struct rf_range){r[i].start, r[i].end};
		if (hidden)
			rf_sys(mprotect, r[i].start, n, PROT_READ);
		memcpy(c->copy, (const void *)r[i].start, n);
		if (hidden)
			rf_sys(mprotect, r[i].start, n, r[i].protection);
	}
	return 0;
}
