/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Redirects instructions of an engine's private copies of ld.so and libc before they run.
 *
 * - System calls that make or unmake mappings and file descriptors, set signal handlers, register
 *   the thread, or end the process: `mov $nr,%eax; syscall` and the few variants glibc has become a
 *   jump to a stub in the window that calls rf_hook_syscall() with all registers kept.
 * - Accesses to the DTV pointer, `mov %fs:8,%reg` and back (glibc has them in ld.so only): they go
 *   to %fs:8(delta), with delta read from a thread-local word. Threads of the engine have 0 there
 *   and use their own thread block; for a thread of the application it leads to a second DTV
 *   pointer of its own, so both halves can use one thread block and nothing is exchanged at the
 * gate.
 *
 * No libc, no TLS: runs inside the engine's system calls too.
 */
#ifndef RF_ENGINE_TRAMPOLINE_H
#define RF_ENGINE_TRAMPOLINE_H

#include "engine/window.h"

struct rf_patched {
	unsigned int calls;  /* system calls redirected */
	unsigned int dtvs;   /* accesses to the DTV pointer redirected */
	unsigned int missed; /* sites that should have been and could not be */
};

/*
 * Patches `length` bytes of mapped, readable text. `delta` is the offset of the thread-local word
 * from %fs:0, or 0 to leave DTV accesses alone. Adds to `sum`. Returns 0 or -errno.
 */
RF_HIDDEN int rf_trampoline_patch(struct rf_window *window, void *text, unsigned long length,
				  int delta, struct rf_patched *sum);

#endif
