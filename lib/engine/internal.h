/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of lib/engine know of an engine; others use engine.h. */
#ifndef RF_ENGINE_INTERNAL_H
#define RF_ENGINE_INTERNAL_H

#include "engine/engine.h"
#include "engine/handoff.h"
#include "engine/trampoline.h"
#include "engine/window.h"

enum rf_engine_state {
	RF_ENGINE_FREE = 0,
	RF_ENGINE_LOADING, /* its program runs on the loading thread */
	RF_ENGINE_LOADED,
};

struct rf_engine {
	enum rf_engine_state state;
	int slot;
	unsigned long generation; /* never the same for two engines of a process; never 0 */
	struct rf_handoff handoff;
	struct rf_patched patched;
	struct rf_identity *spare; /* identities of threads that have ended */
	int lock;		   /* service calls and attaching, see rf_engine_service_begin() */
	int loader;		   /* tid of the loading thread, while LOADING */
	struct rf_window window;   /* last: large */
};

extern struct rf_engine rf_engines[RF_WINDOW_SLOTS] RF_HIDDEN;

/* The engine in whose window an address lies; the address must be in one. */
static inline struct rf_engine *rf_engine_at(unsigned long address)
{
	struct rf_engine *engine = rf_engines;

	while (address - engine->window.base >= RF_WINDOW_SIZE)
		engine++;
	return engine;
}

/* Keeps engines from being loaded or dropped. */
RF_HIDDEN void rf_engines_lock(void);
RF_HIDDEN void rf_engines_unlock(void);
RF_HIDDEN int rf_engines_trylock(void); /* non-zero: somebody holds it */
RF_HIDDEN void rf_engines_after_fork(void);

/* Gives it a generation. */
RF_HIDDEN void rf_engine_number(struct rf_engine *engine);

/* The number of a window for one more engine, by who holds the lock. -1: none is free. */
RF_HIDDEN int rf_engine_free_window(void);

/* The seat in this process that consists of these. */
struct rf_seat;
RF_HIDDEN void rf_seat_here(struct rf_seat *seat, int window, int slot, int shared);

/* Sets rf_gate_generation, after the current engine has changed. */
RF_HIDDEN void rf_gate_generation_update(void);

/* In a restored process: what this slot held is gone. */
RF_HIDDEN void rf_engine_forget(struct rf_engine *engine);

/* Called by an engine that wants to end the process. Returns if it may. No libc, no TLS. */
RF_HIDDEN void rf_engine_exits(struct rf_engine *engine, int status);

/* The calling thread, whichever half's thread block it is on; NULL: a thread of an engine's own. */
struct rf_thread;
RF_HIDDEN struct rf_thread *rf_gate_self_any(void);

/* The lock of the list of attached threads; a visit to all of them by who holds it. */
RF_HIDDEN int rf_gate_trylock(void);
RF_HIDDEN void rf_gate_unlock(void);
RF_HIDDEN void rf_gate_each_locked(void (*visit)(struct rf_thread *thread, void *arg), void *arg);

/*
 * Between these, the calling thread is on the engine's own thread block and may call service
 * helpers. All signals are blocked; other threads wait. Nothing of libc may be called between.
 */
struct rf_service {
	unsigned long app_fs;
	unsigned long mask;
};
RF_HIDDEN void rf_engine_service_begin(struct rf_engine *engine, struct rf_service *service);
RF_HIDDEN void rf_engine_service_end(struct rf_engine *engine, const struct rf_service *service);

#endif
