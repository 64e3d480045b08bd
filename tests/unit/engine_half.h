/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of the small engine program that the tests of lib/engine load. */
#ifndef TESTS_UNIT_ENGINE_HALF_H
#define TESTS_UNIT_ENGINE_HALF_H

#include <stddef.h>

struct half_table {
	/* memory */
	void *(*malloc)(size_t size);
	void (*free)(void *p);
	void *(*mmap_raw)(size_t size);	       /* by syscall(SYS_mmap, ...) */
	void *(*grow)(size_t from, size_t to); /* mmap, then mremap */
	/* descriptors: socket pair, pipe, event, open; adds them up, leaves all of them open */
	int (*open_some)(int fds[6]);
	int (*spawn)(void); /* posix_spawn of true with its stdout redirected; its status */
	/* thread-local state */
	int *(*errno_address)(void);
	int (*fail)(void); /* sets errno to ENOENT by a failing call */
	int (*is_alpha)(int c);
	int (*use_key)(int value); /* keeps value in a pthread key, returns what was there */
	int (*load_plugin)(const char *path); /* dlopen: thread-locals through __tls_get_addr */
	int *(*plugin_counter)(void);
	int *(*linked_counter)(void); /* the same in a library that was there from the start */
	/* threads */
	int (*start_threads)(int n);	    /* which block, each with one descriptor open */
	int (*churn)(int n);		    /* threads that open and close for ever */
	unsigned long (*thread_mask)(void); /* signals blocked in a thread of the engine */
	/* the rest */
	int (*call)(int (*function)(int), int arg);
	int (*add)(int a, int b);
	int (*take_signal)(int sig); /* installs a handler of its own */
	void (*exit_now)(int status);
	const char *(*env)(const char *name);
};

#endif
