/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Capture of this rank's application half into DIR/rank-NNNNNN.h5, and its life after a restore.
 *
 * Called by the thread that leads the quiesce, at a safe point: in a signal handler, at the entry
 * of an MPI call, or in the progress hook (reach.h). No other thread may be inside the engine, but
 * in the progress hook too. Nothing here uses malloc or stdio of the application.
 */
#ifndef RF_MPI_CAPTURE_H
#define RF_MPI_CAPTURE_H

#include <stddef.h>

#include "util/error.h"

struct rf_capture_options {
	const char *directory; /* where the file goes; exists */
	int rank;
	const char
		*base; /* directory of the image of which this is to be the difference, or NULL */
	const char *compress; /* "lz4", "zstd", "zstd:LEVEL", or NULL */
	int sync;	      /* write the file before going on */
	/*
	 * From 0 on: the image is one of a row that is taken while the job runs (mpi/precopy.h),
	 * and the file's name has the number. Only memory, at any moment, without `sync`; -1: a
	 * whole image.
	 */
	int round;
	int base_round; /* the base is such a one; -1: it is not */
	/* Compare with the base by checksums, not by what the kernel has noted. */
	int sums;
	/* The kernel goes on noting from the last image on that did not keep (RF_IMAGE_KEEP). */
	int keep;
	int no_fsync;
	unsigned long save_files; /* rf_image_hooks.save_files */
	int socket; /* to the writer on another host (snapshot/sink.h), the caller's; -1: none */
	int own_fd; /* the link to the keeper, which is not the application's; or -1 */
	/* What `rankferry inspect` shows of MPI (image/section.h). Stays as it is until the file is
	 * complete, or the call has returned without `sync`; NULL: none. */
	const void *section;
	size_t section_bytes;
};

/* What an asynchronous capture leaves; how the file ends comes through `fd`. */
struct rf_capture_result {
	int fd; /* see rf_capture_outcome(); to be closed by the caller; -1: the file is complete */
	unsigned long pause_ns; /* how long all threads were stopped */
	char sizes[64];		/* with `sync`: RF_IMAGE_SIZES */
};

/*
 * Returns 0 here, when the image is held (by a forked child, unless `sync`); 1 in a restored
 * process, see below; -1 and err when nothing was captured: this process goes on as it was.
 */
int rf_capture(const struct rf_capture_options *options, struct rf_capture_result *result,
	       struct rf_error *err);

/* Ends the process that still writes the last image, if there is one: the image fails. */
void rf_capture_cancel(void);

/* What threads of this process were writing into others when it was called has been written
 * (RF_STEP_FENCE). -1 and err: that is not sure. */
int rf_capture_fence(int own_fd, struct rf_error *err);

/*
 * Reads from `fd` how the file ended: 1 complete, 0 not yet (the fd is non-blocking or `wait_ms`
 * passed), -1 and err with the reason, also when the writing process was killed. The fd becomes
 * readable then; it may be sent to another process (the keeper), which reads one struct
 * rf_error: code 0 is success, and an end of file without it is a death.
 */
int rf_capture_outcome(int fd, int wait_ms, struct rf_error *err);

/*
 * Calls `each` for everything that keeps this process from being captured ("fd 5 (socket:[47]) is
 * a socket"), without stopping anything. 0 or more obstacles, or -1 and err.
 */
int rf_capture_obstacles(int own_fd, void (*each)(void *arg, const char *text), void *arg,
			 struct rf_error *err);

/*
 * In a restored process rf_capture() has returned 1. All threads but the caller are still stopped;
 * no engine is loaded; no thread is attached to one or marked inside. The caller then
 *   - gives the rank a new engine: rf_switch(rf_capture_environment(), err);
 *   - connects to the keeper of the new slot (RANKFERRY_KEEPER in that environment), reports;
 *   - lets the threads go with rf_capture_go().
 * The application's own environment stays as it was; this one is the slot's. NULL in a process
 * that was not restored.
 */
char *const *rf_capture_environment(void);

/* The fds that are the same as one of the first fds 0 to 2 become duplicates of these
 * (rf_image_exchange()). */
int rf_capture_exchange(const int files[3], struct rf_error *err);

/* A variable of that environment, or of the process's own when it was not restored. */
const char *rf_capture_getenv(const char *name);

/* How often this process has been restored: what a thread compares to see that it was. */
unsigned rf_capture_lives(void);

/* Lets the other threads of a restored process run. */
void rf_capture_go(void);

#endif
