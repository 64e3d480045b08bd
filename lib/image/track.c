/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* MREMAP_FIXED */
#include "image/track.h"
#include "image/pagemap.h"
#include "image/proc.h"
#include "image/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif
#define WP_ASYNC (1UL << 15) /* UFFD_FEATURE_WP_ASYNC of Linux 6.7 */

#define RANGES	  512 /* the kernel's own buffer: with more, Linux 6.18 gives ranges twice */
#define BYTES_MIN (1UL << 20) /* smaller regions are not worth a call */
#define FD_LOWEST 500	      /* away from the numbers that programs expect */
#define THERE	  (PAGE_IS_PRESENT | PAGE_IS_SWAPPED)
#define BIT_57	  (1UL << 57) /* of /proc/self/pagemap: write-protected by userfaultfd */

static struct {
	int fd; /* of userfaultfd; 0: none, fd 0 is never ours */
	int refused;
	uint64_t id; /* of the last capture */
} track;

int rf_track_is_own(int fd)
{
	char link[64], target[64];
	long n;

	if (!track.fd || fd != track.fd)
		return 0;
	/* a program that closes all fds closes this one, and may open another one in its place */
	n = rf_sys(readlink, rf_proc_path(link, "/proc/self/fd/", fd, ""), target, sizeof(target));
	return n == (long)strlen("anon_inode:[userfaultfd]") &&
	       !memcmp(target, "anon_inode:[userfaultfd]", (size_t)n);
}

void rf_track_forget(void)
{
	track.fd = 0;
	track.id = 0;
	track.refused = 0;
}

static int has_foreign_writers(void)
{
	static const char *const devices[] = {"/dev/infiniband", "/dev/xpmem", "/dev/knem",
					      "/dev/hfi1_0",	 "/dev/cxi0",  "/dev/kfd",
					      "/dev/nvidiactl"};

	for (unsigned i = 0; i < sizeof(devices) / sizeof(*devices); i++)
		if (rf_sys(access, devices[i], F_OK) != -ENOENT)
			return 1;
	return 0;
}

static int watch(int fd, uint64_t start, uint64_t end)
{
	struct uffdio_register range = {.range = {start, end - start},
					.mode = UFFDIO_REGISTER_MODE_WP};

	return rf_sys_failed(rf_sys(ioctl, fd, UFFDIO_REGISTER, &range)) ? -1 : 0;
}

/* Protects what has been written to, which also forgets that it was. */
static int protect(int pagemap, uint64_t start, uint64_t end)
{
	struct pm_scan_arg arg = {.size = sizeof(arg),
				  .flags = PM_SCAN_WP_MATCHING,
				  .start = start,
				  .end = end,
				  .category_mask = PAGE_IS_WPALLOWED | PAGE_IS_WRITTEN,
				  .category_anyof_mask = THERE};

	return rf_sys_failed(rf_sys(ioctl, pagemap, PAGEMAP_SCAN, &arg)) ? -1 : 0;
}

/*
 * Before it was mended, mremap(2) kept the protection of pages but not of their region. Such pages
 * are then written to unseen, so a kernel that does this is not used.
 */
static int survives_mremap(int fd, int pagemap)
{
	uint64_t entry = BIT_57, two = 2 * RF_PAGE_SIZE;
	long from =
		rf_sys(mmap, 0, two, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	long to = rf_sys(mmap, 0, two, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (rf_sys_failed(from) || rf_sys_failed(to))
		return 1;
	*(volatile char *)from = 1;
	if (!watch(fd, (uint64_t)from, (uint64_t)from + two) &&
	    !protect(pagemap, (uint64_t)from, (uint64_t)from + two) &&
	    rf_sys(mremap, from, two, two, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to)
		rf_sys(pread64, pagemap, &entry, 8, (uint64_t)to / RF_PAGE_SIZE * 8);
	rf_sys(munmap, from, two);
	rf_sys(munmap, to, two);
	return (entry & BIT_57) != 0;
}

/* 0 when tracking is possible. Asked for once: what is refused stays so. */
static int begin(int pagemap)
{
	struct uffdio_api api = {.api = UFFD_API, .features = WP_ASYNC};
	long low, fd;

	if (rf_track_is_own(track.fd))
		return 0;
	track.fd = 0;
	track.id = 0;
	if (track.refused)
		return -1;
	track.refused = 1;
	if (has_foreign_writers())
		return -1;
	low = rf_sys(userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
	if (rf_sys_failed(low))
		return -1;
	fd = rf_sys(fcntl, low, F_DUPFD_CLOEXEC, FD_LOWEST);
	if (rf_sys_failed(fd))
		fd = low;
	else
		rf_sys(close, low);
	if (fd == 0 || rf_sys_failed(rf_sys(ioctl, fd, UFFDIO_API, &api)) ||
	    survives_mremap((int)fd, pagemap)) {
		rf_sys(close, fd);
		return -1;
	}
	track.fd = (int)fd;
	track.refused = 0;
	return 0;
}

static int is_tracked(const struct rf_region *r)
{
	return r->end - r->start >= BYTES_MIN && (r->protection & PROT_WRITE) &&
	       !(r->flags & (RF_REGION_FILE | RF_REGION_SHARED | RF_REGION_HUGETLB));
}

static int add(struct rf_array *unchanged, const struct page_region *found, long n)
{
	for (long i = 0; i < n; i++) {
		struct rf_range *last = (struct rf_range *)unchanged->data + unchanged->count - 1;

		if (found[i].categories & PAGE_IS_WRITTEN)
			continue;
		if (unchanged->count && last->end == found[i].start) {
			last->end = found[i].end;
			continue;
		}
		if (!(last = rf_array_add(unchanged, 1)))
			return -1;
		*last = (struct rf_range){found[i].start, found[i].end};
	}
	return 0;
}

/*
 * Reads which pages have been written to and protects them, in one step for each page: an engine's
 * threads may be running. Pages of a region that was not watched before are not write-protected, so
 * they count as written to; what cannot be protected stays so. With `keep` nothing is protected
 * anew, so what was written to counts so for ever.
 */
static int take(int pagemap, const struct rf_region *r, struct rf_array *unchanged, int keep)
{
	struct page_region found[RANGES];
	uint64_t start = r->start;

	if (watch(track.fd, r->start, r->end))
		return 0;
	while (start < r->end) {
		struct pm_scan_arg arg = {.size = sizeof(arg),
					  .flags = keep ? 0 : PM_SCAN_WP_MATCHING,
					  .start = start,
					  .end = r->end,
					  .vec = (uint64_t)found,
					  .vec_len = RANGES,
					  .category_mask = PAGE_IS_WPALLOWED,
					  .category_anyof_mask = THERE,
					  .return_mask = PAGE_IS_WRITTEN};
		long n = rf_sys(ioctl, pagemap, PAGEMAP_SCAN, &arg);

		if (rf_sys_failed(n) || arg.walk_end <= start)
			return 0;
		if (unchanged && add(unchanged, found, n))
			return -1;
		start = arg.walk_end;
	}
	return 0;
}

int rf_track_take(const struct rf_array *regions, struct rf_array *unchanged, int keep,
		  struct rf_tracked *tracked)
{
	const struct rf_region *r = (const struct rf_region *)regions->data;
	long pagemap = rf_sys(openat, AT_FDCWD, "/proc/self/pagemap", O_RDONLY | O_CLOEXEC, 0);
	int failed = 0;

	*tracked = (struct rf_tracked){0, 0};
	if (rf_sys_failed(pagemap))
		return 0;
	if (begin((int)pagemap) == 0) {
		tracked->since = track.id;
		keep = keep && track.id;
		if (!keep) /* until all is well: this capture has forgotten what was written */
			track.id = 0;
		for (uint64_t i = 0; i < regions->count && !failed; i++)
			if (is_tracked(&r[i]))
				failed = take((int)pagemap, &r[i],
					      tracked->since ? unchanged : NULL, keep);
		while (!failed && !track.id)
			if (rf_sys(getrandom, &track.id, sizeof(track.id), 0) != sizeof(track.id))
				break;
		tracked->now = track.id;
	}
	rf_sys(close, pagemap);
	return failed;
}
