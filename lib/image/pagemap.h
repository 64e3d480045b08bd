/* SPDX-License-Identifier: BSD-3-Clause */
/* The PAGEMAP_SCAN ioctl of /proc/self/pagemap, also where <linux/fs.h> is older than Linux 6.7. */
#ifndef RF_IMAGE_PAGEMAP_H
#define RF_IMAGE_PAGEMAP_H

#include <linux/fs.h>
#include <stdint.h>
#include <sys/ioctl.h>

#ifndef PAGEMAP_SCAN
struct page_region {
	uint64_t start, end, categories;
};
struct pm_scan_arg {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};
#define PAGEMAP_SCAN	    _IOWR('f', 16, struct pm_scan_arg)
#define PAGE_IS_WPALLOWED   (1 << 0)
#define PAGE_IS_WRITTEN	    (1 << 1)
#define PAGE_IS_PRESENT	    (1 << 3)
#define PAGE_IS_SWAPPED	    (1 << 4)
#define PAGE_IS_PFNZERO	    (1 << 5)
#define PM_SCAN_WP_MATCHING (1 << 0)
#endif

#endif
