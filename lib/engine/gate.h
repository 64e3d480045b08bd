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
 * enter and leave nothing of the application half may use TLS or libc; signals.c wraps handlers.
 *
 * All functions: any thread of the application; none may be called by the engine's own threads.
 * Code that uses them is compiled with RF_ENGINE_CFLAGS.
 */
#ifndef RF_ENGINE_GATE_H
#define RF_ENGINE_GATE_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "engine/engine.h"

#define RF_GATE_SLOTS 3	  /* engines that can be loaded at one time */
#define RF_GATE_ROOM  512 /* bytes of every thread that an engine's own thread-locals may take */

enum rf_gate_mode {
	RF_GATE_UNDECIDED = 0, /* no engine was loaded yet */
	RF_GATE_SHARED_TCB,
	RF_GATE_FSGSBASE,
	RF_GATE_ARCH_PRCTL,
};

/* What call of the engine a thread is in. */
enum rf_inside {
	RF_OUTSIDE = 0,	  /* in none, or in a callback from one */
	RF_IN_OTHER = 1,  /* in one that waits for nobody, or has no other class */
	RF_IN_COLLECTIVE, /* whatever the handle counts as a collective (shim.h) */
	RF_IN_REDO,	  /* a receive, probe or wait: it can be made again (mpi/redo.h) */
	RF_IN_SEND,	  /* a blocking send */
};

/* A thread of the application half, as the gate sees it. Only the first members are for users. */
struct rf_thread {
	int inside;    /* enum rf_inside; at offset 0 */
	int callbacks; /* functions of the application that engine calls below have called */
	unsigned long generation; /* of the engine that rf_gate_enter() enters; at offset 8 */
	void *redo; /* of the last call that can be made again: see mpi/redo.h; at offset 16 */
	enum rf_inside waits;	 /* in the progress hook: the call that it was called from */
	unsigned long engine_fs; /* FS inside the engine; 0 in shared mode */
	unsigned long app_fs;
	struct {
		unsigned long generation; /* of the engine it is attached to, or 0 */
		unsigned long fs;	  /* FS modes: the thread block that is lent to it */
		unsigned long delta;	  /* shared mode: see trampoline.h */
		void *dtv;
	} slot[RF_GATE_SLOTS];
	struct rf_thread *next, **link; /* all attached threads */
	int tid;
	int keyed;	      /* shared mode: it has places for the keys of all slots */
	int interrupted;      /* it is in the function of rf_gate_interrupt() */
	uint32_t looked;      /* in the hook, at the stop of the quiesce with this id */
	uint32_t counted;     /* in the hook, in a collective during the quiesce with this id */
	uint32_t settled;     /* the same, when nothing more could come: see quiesce.c */
	int held;	      /* it stays in the hook, and can be captured there */
	struct timespec rest; /* of a sleep that a poke has interrupted: see mpi/poke.c */
};

extern __thread struct rf_thread rf_gate_self
	__attribute__((tls_model("initial-exec"), visibility("hidden")));
/*
 * Of the current engine; a value that no thread has while there is none (RF_GATE_NO_ENGINE) or
 * threads are to be interrupted.
 */
extern unsigned long rf_gate_generation __attribute__((visibility("hidden")));
#define RF_GATE_NO_ENGINE   (~0ul)
#define RF_GATE_INTERRUPTED (~1ul)

/*
 * The same, for entries that cannot do all that rf_gate_thread() and rf_gate_cross() do
 * (mpi/fast.py): a value that no thread has where they must not be used.
 */
extern unsigned long rf_gate_shortcut[2] __attribute__((visibility("hidden")));

/* Does a crossing write FS? */
extern int rf_gate_switches __attribute__((visibility("hidden")));

/*
 * The rare paths, called so that no register is lost: else a wrapper would have to save all of its
 * arguments in every call. attach prints why and ends the process if it cannot; enter and leave
 * switch FS. The red zone is skipped, as the compiler does not see the call.
 */
#define RF_GATE_RARE(function)                                                                     \
	__asm__ volatile(                                                                          \
		"lea -128(%%rsp),%%rsp\n\tcall rf_gate_rare_" #function "\n\tlea 128(%%rsp),%%rsp" \
		:                                                                                  \
		:                                                                                  \
		: "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",  \
		  "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15")

/*
 * The calling thread, on its own thread block (not inside an engine whose mode switches FS). The
 * asm hides a thread-local address from the compiler, which might take it at another time.
 */
static inline struct rf_thread *rf_gate_self_get(void)
{
	struct rf_thread *t;

	__asm__("mov %%fs:0,%0\n\tadd rf_gate_self@gottpoff(%%rip),%0" : "=r"(t) : : "cc");
	return t;
}

/* Attached to the current engine. */
static inline struct rf_thread *rf_gate_thread(void)
{
	unsigned long generation;

	__asm__ volatile("mov rf_gate_self@gottpoff(%%rip),%0\n\tmov %%fs:8(%0),%0"
			 : "=r"(generation));
	if (__builtin_expect(generation != rf_gate_generation, 0))
		RF_GATE_RARE(attach);
	return rf_gate_self_get();
}

/* thread->inside = in, a constant; without the address, so that no register is needed over the
 * call. */
#define RF_GATE_MARK(in)                                                                           \
	do {                                                                                       \
		unsigned long offset_;                                                             \
                                                                                                   \
		__asm__ volatile("mov rf_gate_self@gottpoff(%%rip),%0\n\tmovl %1,%%fs:(%0)"        \
				 : "=&r"(offset_)                                                  \
				 : "i"(in)                                                         \
				 : "memory");                                                      \
	} while (0)

/* The second half of entering, after RF_GATE_MARK(). */
static inline void rf_gate_cross(void)
{
	if (__builtin_expect(rf_gate_switches, 0))
		RF_GATE_RARE(enter);
}

static inline void rf_gate_enter(struct rf_thread *thread)
{
	(void)thread;
	RF_GATE_MARK(RF_IN_OTHER);
	rf_gate_cross();
}

/* The first half of leaving. */
static inline void rf_gate_cross_back(void)
{
	if (__builtin_expect(rf_gate_switches, 0))
		RF_GATE_RARE(leave);
}

static inline void rf_gate_leave(struct rf_thread *thread)
{
	(void)thread;
	rf_gate_cross_back();
	RF_GATE_MARK(RF_OUTSIDE);
}

/*
 * From now on every thread calls `function` when it next enters the engine, before it does so: on
 * the application's side (inside and callbacks are 0, the thread may be unattached), with libc and
 * MPI at hand; calls that `function` makes do not interrupt again. When it has returned, the thread
 * goes on into the engine that is then the current one. Calls from a callback do not interrupt.
 * end: no more; a thread that is on its way may still call `function`.
 *
 * Async-signal-safe; for any thread, one caller at a time. A thread that has passed the test, and
 * has not marked itself inside yet, is not interrupted by this call.
 */
void rf_gate_interrupt(void (*function)(void));
void rf_gate_interrupt_end(void);

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
	unsigned long engine_fs, generation;
	void *redo;
	enum rf_inside was_inside;
};
int rf_gate_callback_begin(struct rf_callback *callback);
void rf_gate_callback_end(const struct rf_callback *callback);

/* May the entries be used that go by rf_gate_shortcut[]? Never if crossings write FS. */
void rf_gate_shortcuts(int first, int second);

/* Calls `visit` for every attached thread, under a lock: visit() must not block or attach. */
void rf_gate_each(void (*visit)(struct rf_thread *thread, void *arg), void *arg);

/* Is the calling thread inside an engine? For signal handlers (in all modes) and for quiesce. */
int rf_gate_inside(void);

/* The mode, decided at the first rf_engine_load(); its name; why not a faster one ("": best). */
enum rf_gate_mode rf_gate_mode(void);
const char *rf_gate_mode_name(enum rf_gate_mode mode);
const char *rf_gate_mode_reason(void);

/*
 * The self-test: loads `program`, tries the modes from the fastest on (or only the one that
 * RANKFERRY_GATE=shared|fsgsbase|prctl names), throws it away again. 0, or -1 and `err`.
 */
int rf_gate_probe(const char *program, struct rf_error *err);

#endif
