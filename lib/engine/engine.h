/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An engine: a second, complete program image (own ld.so, own libc, own libraries) in this process.
 *
 * Everything that an engine maps, allocates or opens lies in its window, so it can be thrown away
 * in one step. Its main() publishes a table of functions and then never runs again; from then on
 * its code runs only when the application half crosses the gate (gate.h). The split is MANA's
 * (Garg, Price, Cooperman: MANA for MPI, HPDC'19); docs/decisions/0001 and 0002.
 */
#ifndef RF_ENGINE_ENGINE_H
#define RF_ENGINE_ENGINE_H

#include "util/error.h"

struct rf_engine; /* one of a fixed table of slots; its window is found from its address */

/*
 * Loads `program` (an absolute path of a PIE linked with engine/program.h) with the environment
 * `envp` (NULL-terminated; NULL: the process's own; copied, and filtered as engine/environment.c
 * says) and runs it up to its rf_engine_publish(). Signals are blocked meanwhile.
 * Any thread may call it, one at a time. Takes 4-10 ms. NULL and `err` on failure, nothing left
 * behind.
 */
struct rf_engine *rf_engine_load(const char *program, char *const envp[], struct rf_error *err);

/* What the application holds of an earlier engine that was at a place. */
enum rf_window_held {
	RF_HELD_NOTHING,
	RF_HELD_STATIC, /* pointers to objects that are at the same place in each engine */
	RF_HELD_OTHER,
};

/*
 * Asked before a load, for each place [begin, end) where the engine could go. One that has nothing
 * is taken first, one that has OTHER never. NULL: there is never anything.
 */
void rf_engine_avoid(enum rf_window_held (*held)(unsigned long begin, unsigned long end));

/* The table that the program published. Valid until rf_engine_drop(). */
const void *rf_engine_table(const struct rf_engine *engine);

/* Address of a symbol in the engine's global scope (its own dlsym(RTLD_DEFAULT)), or NULL. */
void *rf_engine_symbol(struct rf_engine *engine, const char *name);

/*
 * Makes `engine` the one that rf_gate_enter() enters. Threads attach to it at their next crossing.
 * Caller guarantees that no thread is inside another engine, or that those threads never use the
 * gate across this call (make before break uses rf_gate_thread_of()). NULL: none.
 */
void rf_engine_use(struct rf_engine *engine);
struct rf_engine *rf_engine_current(void);

/*
 * What is done when engine code calls _exit(): by default the process ends with that status at
 * once. A function set here is called instead. On a thread of the application, `thread` is it, the
 * gate has been left, and the function must not return (it may exit(), or jump out of the abandoned
 * call). On a thread of the engine's own, `thread` is NULL, no libc and no TLS may be used, and
 * when it returns only that thread ends.
 */
struct rf_thread;
typedef void rf_engine_exit(struct rf_engine *engine, int status, struct rf_thread *thread);
void rf_engine_on_exit(rf_engine_exit *function);

/* Does the address lie in the engine's window? */
int rf_engine_owns(const struct rf_engine *engine, const void *address);

/*
 * Throws an engine away: its threads are killed, its fds closed, its window unmapped. No thread of
 * the application may be inside it. Under 2 ms. 0, or -1 and `err` naming what could not be
 * removed.
 */
int rf_engine_drop(struct rf_engine *engine, struct rf_error *err);

#endif
