/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The crossing from the application half into the engine and back.
 *
 *	struct rf_thread *t = rf_gate_thread();      (attaches the thread at its first use)
 *	rf_gate_enter(t);
 *	ret = table->MPI_Send(...);                  (between: only engine functions; no libc)
 *	rf_gate_leave(t);
 *
 * In shared mode both halves use one thread block (docs/decisions/0002): nothing is switched, the
 * crossing is two stores, signal handlers of the application may run at any moment, and every call
 * may be made between enter and leave. In the two other modes the FS register is switched: between
 * enter and leave nothing of the application half may use TLS or libc, and signals.c wraps
 *handlers.
 *
 * All functions: any thread of the application; none may be called by the engine's own threads.
 * Code that uses them is compiled with RF_ENGINE_CFLAGS.
 */
#ifndef RF_ENGINE_GATE_H
#define RF_ENGINE_GATE_H

#include <stddef.h>

#include "engine/engine.h"

#define RF_GATE_SLOTS 3	  /* engines that can be loaded at one time */
#define RF_GATE_ROOM  512 /* bytes of every thread that an engine's own thread-locals may take */

enum rf_gate_mode {
	RF_GATE_UNDECIDED = 0, /* no engine was loaded yet */
	RF_GATE_SHARED_TCB,
	RF_GATE_FSGSBASE,
	RF_GATE_ARCH_PRCTL,
};

/* A thread of the application half, as the gate sees it. Only the first members are for users. */
struct rf_thread {
	int inside;		 /* 1: in the engine; 0: not, or in a callback from it */
	unsigned long engine_fs; /* FS inside the engine; 0 in shared mode */
	unsigned long app_fs;
	unsigned long generation; /* of the engine that rf_gate_enter() enters */
	unsigned long
		attached[RF_GATE_SLOTS]; /* generation of the engine it is attached to, or 0 */
	unsigned long fs[RF_GATE_SLOTS];
	unsigned long delta[RF_GATE_SLOTS]; /* see trampoline.h */
	void *dtv[RF_GATE_SLOTS];
	struct rf_thread *next, **link; /* all attached threads */
	int tid;
};

extern __thread struct rf_thread rf_gate_self
	__attribute__((tls_model("initial-exec"), visibility("hidden")));
/* Of the current engine; RF_GATE_NO_ENGINE, which no thread has, while there is none. */
extern unsigned long rf_gate_generation __attribute__((visibility("hidden")));
#define RF_GATE_NO_ENGINE (~0ul)

/* The slow path of rf_gate_thread(); prints why and ends the process if it cannot attach. */
struct rf_thread *rf_gate_attach_current(struct rf_thread *thread)
	__attribute__((visibility("hidden")));

/* The calling thread, not inside an engine. The asm keeps the compiler from reading FS again later.
 */
static inline struct rf_thread *rf_gate_self_get(void)
{
	struct rf_thread *t;

	__asm__ volatile("mov %%fs:0,%0\n\tadd rf_gate_self@gottpoff(%%rip),%0" : "=r"(t) : : "cc");
	return t;
}

static inline struct rf_thread *rf_gate_thread(void)
{
	struct rf_thread *t = rf_gate_self_get();

	if (__builtin_expect(t->generation != rf_gate_generation, 0))
		t = rf_gate_attach_current(t);
	return t;
}

/* Writes the FS register. Never inlined: the compiler must not move thread-local accesses past it.
 */
void rf_gate_set_fs(unsigned long fs) __attribute__((visibility("hidden"), cold));

static inline void rf_gate_enter(struct rf_thread *t)
{
	t->inside = 1;
	__asm__ volatile("" : : : "memory");
	if (__builtin_expect(t->engine_fs != 0, 0))
		rf_gate_set_fs(t->engine_fs);
}

static inline void rf_gate_leave(struct rf_thread *t)
{
	if (__builtin_expect(t->engine_fs != 0, 0))
		rf_gate_set_fs(t->app_fs);
	__asm__ volatile("" : : : "memory");
	t->inside = 0;
}

/*
 * For an engine that is not the current one (make before break): attaches to it, and lets the
 * thread's enter and leave go to it until its next rf_gate_thread(). NULL and `err` if it cannot.
 */
struct rf_thread *rf_gate_thread_of(struct rf_engine *engine, struct rf_error *err);

/*
 * Around what a function of the application half does when the engine calls it (an operation, an
 * attribute copy, an error handler): begin leaves the engine, end returns to it. They may nest, and
 * calls may be made between them. begin returns -1 on a thread of the engine's own: that must not
 * run application code. Not being inside is no error.
 */
struct rf_callback {
	struct rf_thread *thread;
	unsigned long engine_fs;
	int was_inside;
};
int rf_gate_callback_begin(struct rf_callback *callback);
void rf_gate_callback_end(const struct rf_callback *callback);

/* Calls `visit` for every attached thread, under a lock: visit() must not block or attach. */
void rf_gate_each(void (*visit)(struct rf_thread *thread, void *arg), void *arg);

/* Is the calling thread inside an engine? For signal handlers (in all modes) and for quiesce. */
int rf_gate_inside(void);

/* The mode, decided at the first rf_engine_load(); its name; and why not a faster one ("" if best).
 */
enum rf_gate_mode rf_gate_mode(void);
const char *rf_gate_mode_name(enum rf_gate_mode mode);
const char *rf_gate_mode_reason(void);

/*
 * The self-test: loads `program`, tries the modes from the fastest on (or only the one that
 * RANKFERRY_GATE=shared|fsgsbase|prctl names), throws it away again. 0, or -1 and `err`.
 */
int rf_gate_probe(const char *program, struct rf_error *err);

#endif
