/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Saving the place where a thread is, and its state in the kernel.
 */
#ifndef RF_IMAGE_CONTEXT_H
#define RF_IMAGE_CONTEXT_H

#include "image/record.h"

/* Saves the registers that a function must preserve. Returns 0; and 1 when a restorer has loaded
 * them again, on the same stack: the caller must not have returned meanwhile. Neither the signal
 * mask nor FS are touched. */
int rf_context_save(struct rf_context *context) __attribute__((returns_twice));

/* Calls function(arg) on another stack, whose top is `top`, and returns what it returns. While it
 * runs, nothing is written to the stack of the caller. */
int rf_context_call(int (*function)(void *arg), void *arg, void *top);

/* Fills everything but `context` for the calling thread. */
void rf_context_thread(struct rf_thread *thread);

/* The length with which glibc registered restartable sequences, or 0. */
uint64_t rf_context_rseq_length(void);

/* The signature that glibc uses on x86 (sysdeps/unix/sysv/linux/x86/bits/rseq.h). */
#define RF_RSEQ_SIGNATURE 0x53053053

#endif
