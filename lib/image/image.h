/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The image of a process, taken by the process itself at a safe point, with no privilege.
 *
 * All functions here avoid malloc, stdio and locks, so they may be called in a signal handler and
 * while other threads hold any lock. One thread at a time.
 */
#ifndef RF_IMAGE_IMAGE_H
#define RF_IMAGE_IMAGE_H

#include "image/record.h"
#include "image/sink.h"
#include "util/error.h"

/* For printf and scanf: the bytes of memory that were given to the sink, and those of the image. */
#define RF_IMAGE_SIZES "%llu of %llu bytes"

/* What the caller knows and this library cannot: which parts are not the application's. */
struct rf_image_hooks {
	const struct rf_range *exclude;		/* addresses that are not part of the image */
	unsigned exclude_count;			/* at most 16 */
	unsigned stop_timeout_ms;		/* for stopping the other threads; 0: 5 s */
	int (*skip_thread)(void *arg, int tid); /* not the application's; NULL: there is none */
	int (*skip_fd)(void *arg, int fd);
	int (*skip_child)(void *arg, int pid);
	/*
	 * Not 0: what the regular files contain that are open for writing is part of the image, and
	 * one of more bytes than this is an obstacle.
	 */
	uint64_t save_files;
	/*
	 * Without RF_IMAGE_SYNC: an fd that only the child keeps, to which it writes one struct
	 * rf_error when the image is complete (code 0; the text has RF_IMAGE_SIZES) or has failed.
	 * Who reads it sees to the child, which then outlives this process. 0: none, and it ends
	 * with this process.
	 */
	int report;
	/* Called when all threads are stopped; gives the opaque bytes of the MPI section, which
	 * must stay as they are until the image is written. NULL: no such section. */
	int (*section)(void *arg, const void **bytes, uint64_t *n, struct rf_error *err);
	void *arg;
};

/* Something that cannot be part of an image. */
struct rf_obstacle {
	int fd;		/* or -1 */
	char text[240]; /* "fd 5: socket:[4711]" and why */
};

/* Remembers what fds 0 to 2 are, so that they are re-attached after a restore. Call it when the
 * process starts, before the application can exchange them. */
void rf_image_init(void);

/*
 * The standard files are others from now on: every fd of this process that is the same object as
 * one of the fds 0 to 2 that were remembered becomes a duplicate of files[0] to files[2] (not
 * consumed). Other processes must not make or close fds of this one meanwhile. -1 and err: some are
 * still the old ones.
 */
int rf_image_exchange(const int files[3], struct rf_error *err);

/*
 * Looks for everything that keeps this process from being captured, without stopping anything.
 * Fills up to `max` obstacles and returns how many there are; -1 and err when it cannot tell.
 */
int rf_image_check(const struct rf_image_hooks *hooks, struct rf_obstacle *list, int max,
		   struct rf_error *err);

enum {
	/* Write the image before going on. Without it a forked child holds and writes it. */
	RF_IMAGE_SYNC = 1 << 0,
	/* Note what is written to from now on, if the kernel can, so that the next image against
	 * this one is quick. Costs a minor fault for each page that is written to. */
	RF_IMAGE_TRACK = 1 << 1,
	/* Only memory, as a base for the next image: nobody can be restored from it. So the process
	 * need not be at a safe point, and what cannot be kept is no obstacle. Not with
	 * RF_IMAGE_SYNC. The child writes with the process's own priority. */
	RF_IMAGE_MEMORY = 1 << 2,
	/* With TRACK: notes are not begun anew, they go on from the last image that began them, and
	 * this one is as good a base as that one is. What has been written to since then, at any
	 * time, is compared with the base by checksums. */
	RF_IMAGE_KEEP = 1 << 3,
	/* What was noted is not relied on: all pages are compared with the base. */
	RF_IMAGE_SUMS = 1 << 4,
};

/*
 * Takes an image and gives it to `sink`. Like setjmp it returns twice:
 *   0   in this process. With RF_IMAGE_SYNC the image is written; otherwise a child process holds
 *       it and writes it, see rf_image_wait().
 *   1   in a process that was restored from the image: same memory, threads, files; other pid and
 *       tids; see rf_image_resumed(). The other threads are still stopped until the caller says
 *       rf_image_go(), so that MPI can be put in place first.
 *   -1  and err: nothing has changed, the process goes on.
 * `err` and `hooks` must be in the application's memory, not in an excluded range.
 */
int rf_image_capture(struct rf_sink *sink, unsigned flags, const struct rf_image_hooks *hooks,
		     struct rf_error *err);

/*
 * Has the child of the last rf_image_capture() finished? Waits up to `timeout_ms` (-1: for ever).
 * 1: the image is complete (or there was nothing to wait for), 0: not yet, -1 and err: it failed.
 */
int rf_image_wait(int timeout_ms, struct rf_error *err);

/* Ends the child, if there is one. Its image is not complete then. */
void rf_image_cancel(void);

/*
 * Stops all other threads for a moment: no system call of this process that began before is under
 * way when this returns, so nothing that one of them was writing into another process is still to
 * come. -1 and err: not all could be stopped.
 */
int rf_image_fence(const struct rf_image_hooks *hooks, struct rf_error *err);

/* What the restorer tells the restored process. */
struct rf_resume {
	uint64_t bytes;	      /* of this mapping; RF_IMAGE_VERSION's layout below */
	struct rf_range blob; /* the restorer's own pages, unmapped by rf_image_capture() */
	int32_t old_pid, pid;
	uint64_t started;	 /* CLOCK_MONOTONIC in ns when the restore began */
	uint64_t environment;	 /* char **: environment of the process that restored */
	uint64_t threads, count; /* struct rf_resumed_thread * and how many */
};

struct rf_resumed_thread {
	int32_t old_tid, tid;
};

/* NULL in a process that was not restored. Valid until the next restore. */
const struct rf_resume *rf_image_resumed(void);

/* Lets the other threads of a restored process run. */
void rf_image_go(void);

#endif
