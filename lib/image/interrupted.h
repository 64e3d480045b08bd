/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Hiding a stop from a thread that waits in a system call.
 *
 * Most calls are restarted by the kernel after a handler installed with SA_RESTART, but sleep,
 * poll, select, epoll_wait, sigsuspend and others then fail with EINTR (signal(7)). A program must
 * not see that a snapshot was taken, so the call is made again when the handler returns.
 */
#ifndef RF_IMAGE_INTERRUPTED_H
#define RF_IMAGE_INTERRUPTED_H

#include <stdint.h>

/* What a thread is waiting in, as /proc/self/task/TID/syscall shows it before it is signalled. */
struct rf_call {
	int64_t number; /* -1: none */
	uint64_t args[6];
	uint64_t sp, pc;
};

/* Reads it. Returns 1 when the thread waits in a system call. */
int rf_call_read(int tid, struct rf_call *call);

/*
 * In the handler: if the signal made that call fail with EINTR, changes the ucontext so that it is
 * made again; sleeps go on with what remained. A poll or epoll_wait starts with its full timeout
 * again.
 */
void rf_call_restart(const struct rf_call *call, void *ucontext);

#endif
