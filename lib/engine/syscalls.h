/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What an engine's system calls become: mappings and the heap stay in its window, its file
 * descriptors are noted, and the state of the thread and the process that belongs to the
 * application (signal handlers, tid address, the process's life) is left alone.
 */
#ifndef RF_ENGINE_SYSCALLS_H
#define RF_ENGINE_SYSCALLS_H

#include "engine/raw.h"

/* Is a call with this number to be redirected? -1 (a number only known at run time): yes. */
RF_HIDDEN int rf_hook_wants(long nr);

/* The stubs' target: number in %rax, arguments where the kernel wants them; keeps all others. */
RF_HIDDEN void rf_hook_entry(void);

/*
 * Whether a thread that a signal stopped at `ip`, with `rax`, has opened a descriptor that is not
 * noted in the window yet, or has not closed one that no longer is. It will have after a few
 * instructions.
 */
RF_HIDDEN int rf_hook_holds_fd(unsigned long ip, long rax);

#endif
