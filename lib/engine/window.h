/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The window of an engine: which of its addresses are in use, its heap end, its file descriptors.
 *
 * Windows lie where the kernel never places a mapping by itself: below TASK_SIZE/3 (where the
 * bottom-up search starts) and far above the heap of a non-PIE program. All functions but
 * rf_window_open() may run on any thread block, inside the engine's system calls: no libc, no TLS.
 * Those that change the window take its lock themselves.
 */
#ifndef RF_ENGINE_WINDOW_H
#define RF_ENGINE_WINDOW_H

#include <stdint.h>

#include "engine/raw.h"
#include "util/error.h"

#define RF_WINDOW_BASE	    0x200000000000ul
#define RF_WINDOW_SIZE	    (64ul << 30)
#define RF_WINDOW_SLOTS	    3	/* engines at one time */
#define RF_WINDOWS	    120 /* places for them, so that they seldom follow each other in one */
#define RF_WINDOW_ALL	    (RF_WINDOWS * RF_WINDOW_SIZE)
#define RF_WINDOW_HEAP	    (4ul << 30)	 /* for brk, at the upper end */
#define RF_WINDOW_STUBS	    (64ul << 10) /* for trampolines, at the lower end */
#define RF_WINDOW_INTERVALS 8192
#define RF_WINDOW_FDS	    65536

struct rf_interval {
	unsigned long begin, end;
};

struct rf_window {
	unsigned long base, end;
	int lock;
	unsigned int count; /* of used[], sorted, disjoint, not adjacent */
	struct rf_interval used[RF_WINDOW_INTERVALS];
	unsigned long heap, brk;      /* brk is in [heap, end] */
	unsigned long stub, stub_end; /* free space for trampolines */
	int pid;		      /* whose fds these are: not those of a child made by vfork */
	uint64_t fds[RF_WINDOW_FDS / 64]; /* set: opened by the engine */
	unsigned long escaped;		  /* mappings made outside, last of them: */
	unsigned long escaped_at;
	uint64_t actions[65][4]; /* what the engine thinks its sigactions are */
};

/* Prepares window `number`: refuses if the process has a mapping there (and names it), maps the
 * stubs. */
RF_HIDDEN int rf_window_open(struct rf_window *window, int number, struct rf_error *err);

/*
 * Where the stubs find the function that they call: a word of the window, since it outlives the
 * half that it was loaded from (standby.h).
 */
static inline void **rf_window_entry(const struct rf_window *window)
{
	return (void **)window->base;
}

/* Finds and marks `length` bytes (rounded up to pages; from 2 MiB on aligned to 2 MiB). 0: full. */
RF_HIDDEN unsigned long rf_window_take(struct rf_window *window, unsigned long length);

/* Marks a given range as used; 0, or -1 if the table is full. */
RF_HIDDEN int rf_window_mark(struct rf_window *window, unsigned long begin, unsigned long length);

/* Marks it if all of it is free and says so with 1; otherwise changes nothing and returns 0. */
RF_HIDDEN int rf_window_extend(struct rf_window *window, unsigned long begin, unsigned long length);

RF_HIDDEN void rf_window_free(struct rf_window *window, unsigned long begin, unsigned long length);

static inline int rf_window_has(const struct rf_window *window, unsigned long at, unsigned long len)
{
	return at >= window->base && at < window->end && len <= window->end - at;
}

/* Where the engine's descriptors are noted; NULL in a child made by vfork, whose are its own. */
RF_HIDDEN uint64_t *rf_window_fds(struct rf_window *window);

#define RF_PAGE_UP(x) (((unsigned long)(x) + 4095) & ~4095ul)

#endif
