/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which pages have not been written to since an earlier capture of this process.
 *
 * By userfaultfd in its asynchronous write-protect mode and PAGEMAP_SCAN (Linux 6.7, unprivileged;
 * Documentation/admin-guide/mm/userfaultfd.rst and pagemap.rst): the kernel itself notes the first
 * write to a page and lets it go on, writes by system calls and by process_vm_writev included. It
 * costs the application one minor fault for each page that it writes to after a capture, and its
 * mappings no longer grow together with newer ones beside them. What
 * hardware or xpmem writes past the page tables would be missed, so nothing is tracked where their
 * devices are. Where there is no tracking, every page counts as changed.
 *
 * System calls only; one thread.
 */
#ifndef RF_IMAGE_TRACK_H
#define RF_IMAGE_TRACK_H

#include "image/regions.h"

struct rf_tracked {
	uint64_t since; /* the capture that the ranges refer to; 0: none */
	uint64_t now;	/* this one; 0: what changes from now on is not known */
};

/*
 * Adds to `unchanged` the ranges (struct rf_range, ascending) in which no page has been written to
 * since capture `since`, and begins to note what is written from now on; or, with `keep`, goes on
 * noting: `now` is the same capture as `since`. All other threads are stopped; what an engine's
 * threads write meanwhile is noted as written since. -1: out of scratch memory.
 */
int rf_track_take(const struct rf_array *regions, struct rf_array *unchanged, int keep,
		  struct rf_tracked *tracked);

/* Is this the fd that tracking has open? It is not the application's. */
int rf_track_is_own(int fd);

/* In a restored process: nothing is tracked. */
void rf_track_forget(void);

#endif
