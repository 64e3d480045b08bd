/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Makes threads of the application known to an engine's libc, and lets them go again.
 *
 * Shared mode: an engine's static TLS lies in an array of the application's own initial TLS
 * (rf_tls_area), so glibc itself gives every thread the room. What a thread is to the engine
 * (static TLS block, DTV, key values) outlives it as an identity and is given to the next thread,
 * so that threads may come and go for ever without a leak (the engine's malloc caches hang on it).
 * FS modes: an identity is a parked thread of the engine, whose thread block is lent out.
 */
#ifndef RF_ENGINE_TLS_H
#define RF_ENGINE_TLS_H

#include "engine/gate.h"
#include "engine/internal.h"

/* Offsets from FS, equal in all threads: trampoline.h's word, and the end of a slot's area. */
RF_HIDDEN int rf_tls_delta(int slot);
RF_HIDDEN unsigned long rf_tls_gap(int slot);

/* Shared mode: takes the upper pthread keys from the application, once. 0, or -1 and why. */
RF_HIDDEN int rf_tls_reserve_keys(char why[256]);
RF_HIDDEN unsigned int rf_tls_first_key(int slot);

/* Can both halves share thread blocks? To be asked when the engine is loaded. 0, or -1, why. */
RF_HIDDEN int rf_tls_check(struct rf_engine *engine, char why[256]);

/* Attaches the calling thread, if it is not yet. Signal mask unchanged. */
RF_HIDDEN int rf_tls_attach(struct rf_thread *thread, struct rf_engine *engine,
			    struct rf_error *err);

/* Gives the calling thread's identity back to the engine. */
RF_HIDDEN void rf_tls_detach(struct rf_thread *thread, struct rf_engine *engine);

/* Frees the identities kept for an engine that is gone. */
RF_HIDDEN void rf_tls_forget(struct rf_engine *engine);

#endif
