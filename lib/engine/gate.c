/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "engine/gate.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/internal.h"
#include "engine/mode.h"
#include "engine/rare.h"
#include "engine/tls.h"

__thread struct rf_thread rf_gate_self
	__attribute__((tls_model("initial-exec"), visibility("hidden")));
unsigned long rf_gate_generation = RF_GATE_NO_ENGINE;
unsigned long rf_gate_shortcut[2] = {RF_GATE_NO_ENGINE, RF_GATE_NO_ENGINE};
static int shortcuts[2];
static void (*interrupt)(void);

/* as the asm in gate.h has it */
_Static_assert(offsetof(struct rf_thread, inside) == 0, "gate.h: inside");
_Static_assert(offsetof(struct rf_thread, generation) == 8, "gate.h: generation");
_Static_assert(offsetof(struct rf_thread, redo) == 16, "generate.py: redo");

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t exit_key;
static int have_key;
static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static struct rf_thread *list;

void rf_gate_set_fs(unsigned long fs)
{
	if (rf_gate_wrfsbase)
		__asm__ volatile("wrfsbase %0" : : "r"(fs) : "memory");
	else
		rf_raw3(SYS_arch_prctl, 0x1002, fs, 0); /* ARCH_SET_FS */
}

static void unlist(struct rf_thread *t)
{
	unsigned long mask = rf_block_all();

	pthread_mutex_lock(&list_lock);
	if (t->link) {
		*t->link = t->next;
		if (t->next)
			t->next->link = t->link;
		t->link = NULL;
	}
	pthread_mutex_unlock(&list_lock);
	rf_unblock(mask);
}

/* At a thread's end. A later destructor that uses MPI attaches it again, and this runs again. */
static void thread_ends(void *arg)
{
	struct rf_thread *t = arg;
	int slot;

	rf_engines_lock();
	for (slot = 0; slot < RF_GATE_SLOTS; slot++) {
		struct rf_engine *engine = &rf_engines[slot];

		if (engine->generation && t->slot[slot].generation == engine->generation)
			rf_tls_detach(t, engine);
		t->slot[slot].generation = 0;
	}
	rf_engines_unlock();
	t->generation = 0;
	unlist(t);
}

/* A child has the engine's memory but none of its threads: it must not be entered. */
static void after_fork(void)
{
	pthread_mutex_init(&list_lock, NULL);
	list = NULL;
	rf_gate_self.link = NULL;
	interrupt = NULL;
	rf_engines_after_fork();
	rf_engine_use(NULL);
}

static void prepare(void)
{
	have_key = !pthread_key_create(&exit_key, thread_ends) &&
		   !pthread_atfork(NULL, NULL, after_fork);
}

/* Who captures the process has the lock, and stops this thread by a signal. */
static void enlist(struct rf_thread *t, unsigned long mask)
{
	while (pthread_mutex_trylock(&list_lock)) {
		rf_unblock(mask);
		rf_raw3(SYS_sched_yield, 0, 0, 0);
		rf_block_all();
	}
	if (!t->link) {
		t->next = list;
		t->link = &list;
		if (list)
			list->link = &t->next;
		list = t;
	}
	pthread_mutex_unlock(&list_lock);
}

/*
 * The thread counts as inside meanwhile: an engine is not exchanged under a thread that is being
 * attached to it, nor is that thread captured. Only with all signals blocked, since their handlers
 * take a thread that is inside for one whose FS may be the engine's.
 */
static int attach(struct rf_thread *t, struct rf_engine *engine, struct rf_error *err)
{
	unsigned long mask;
	int ret = -1, inside = t->inside;

	pthread_once(&once, prepare);
	if (!have_key)
		return rf_error_set(err, EAGAIN, "no pthread key is left for Rankferry");
	mask = rf_block_all();
	if (pthread_setspecific(exit_key, t)) {
		rf_error_set(err, ENOMEM, "a thread cannot use the engine: out of memory");
		goto out;
	}
	t->tid = (int)rf_raw3(SYS_gettid, 0, 0, 0);
	enlist(t, mask);
	__atomic_store_n(&t->inside, RF_IN_OTHER, __ATOMIC_SEQ_CST);
	ret = rf_tls_attach(t, engine, err);
	if (!ret)
		t->engine_fs = t->slot[engine->slot].fs;
	__atomic_store_n(&t->inside, inside, __ATOMIC_SEQ_CST);
out:
	rf_unblock(mask);
	return ret;
}

/* rf_gate_generation as it has to be. A signal handler may change `interrupt` between. */
void rf_gate_generation_update(void)
{
	const struct rf_engine *engine;
	unsigned long generation;

	do {
		engine = rf_engine_current();
		generation = __atomic_load_n(&interrupt, __ATOMIC_ACQUIRE) ? RF_GATE_INTERRUPTED
			     : engine					   ? engine->generation
									   : RF_GATE_NO_ENGINE;
		__atomic_store_n(&rf_gate_generation, generation, __ATOMIC_SEQ_CST);
		for (int i = 0; i < 2; i++)
			__atomic_store_n(&rf_gate_shortcut[i],
					 shortcuts[i] ? generation : RF_GATE_NO_ENGINE,
					 __ATOMIC_SEQ_CST);
	} while ((generation == RF_GATE_INTERRUPTED) !=
		 !!__atomic_load_n(&interrupt, __ATOMIC_ACQUIRE));
}

void rf_gate_shortcuts(int first, int second)
{
	shortcuts[0] = first && !rf_gate_switches;
	shortcuts[1] = second && !rf_gate_switches;
	rf_gate_generation_update();
}

void rf_gate_interrupt(void (*function)(void))
{
	__atomic_store_n(&interrupt, function, __ATOMIC_RELEASE);
	rf_gate_generation_update();
}

void rf_gate_interrupt_end(void)
{
	__atomic_store_n(&interrupt, NULL, __ATOMIC_RELEASE);
	rf_gate_generation_update();
}

static __attribute__((used)) void rare_attach(void)
{
	void (*function)(void) = __atomic_load_n(&interrupt, __ATOMIC_ACQUIRE);
	struct rf_thread *t = rf_gate_self_get();
	struct rf_engine *engine;
	struct rf_error err;

	if (function && !t->interrupted && !t->callbacks) {
		void *redo = t->redo; /* this call's, if it is of that class */

		t->interrupted = 1;
		function();
		t->interrupted = 0;
		t->redo = redo;
	}
	/*
	 * It may be stopped anywhere here, longest where it lets signals through again, and go on
	 * when there is another engine, in another process perhaps: the number says which one it
	 * was attached to.
	 */
	while ((engine = rf_engine_current())) {
		unsigned long generation = engine->generation;

		if (generation && t->generation == generation)
			return;
		if (attach(t, engine, &err))
			break;
		t->generation = generation;
	}
	if (!engine)
		rf_error_set(&err, 0,
			     "MPI was called where no engine is loaded (before MPI_Init, "
			     "after MPI_Finalize, or in a child made by fork())");
	dprintf(STDERR_FILENO, "rankferry: %s\n", err.text);
	_exit(125);
}

static __attribute__((used)) void rare_enter(void)
{
	rf_gate_set_fs(rf_gate_self_get()->engine_fs);
}

static __attribute__((used)) void rare_leave(void)
{
	rf_gate_set_fs(rf_gate_self_any()->app_fs);
}

RF_RARE(rf_gate_rare_attach, rare_attach);
RF_RARE(rf_gate_rare_enter, rare_enter);
RF_RARE(rf_gate_rare_leave, rare_leave);

struct rf_thread *rf_gate_thread_of(struct rf_engine *engine, struct rf_error *err)
{
	struct rf_thread *t = rf_gate_self_get();

	if (attach(t, engine, err))
		return NULL;
	t->generation = engine == rf_engine_current() ? engine->generation : 0;
	return t;
}

int rf_gate_trylock(void)
{
	return pthread_mutex_trylock(&list_lock);
}

void rf_gate_unlock(void)
{
	pthread_mutex_unlock(&list_lock);
}

void rf_gate_each_locked(void (*visit)(struct rf_thread *thread, void *arg), void *arg)
{
	struct rf_thread *t;

	for (t = list; t; t = t->next)
		visit(t, arg);
}

void rf_gate_each(void (*visit)(struct rf_thread *thread, void *arg), void *arg)
{
	pthread_mutex_lock(&list_lock);
	rf_gate_each_locked(visit, arg);
	pthread_mutex_unlock(&list_lock);
}

struct rf_thread *rf_gate_self_any(void)
{
	struct rf_thread *t;
	unsigned long fs;

	__asm__ volatile("mov %%fs:0,%0" : "=r"(fs));
	if (rf_gate_mode() == RF_GATE_SHARED_TCB) {
		t = rf_gate_self_get(); /* in an engine's thread: zeros, see rf_elf_widen_tls() */
		return t->app_fs ? t : NULL;
	}
	if (fs - RF_WINDOW_BASE < RF_WINDOW_ALL)
		return *(struct rf_thread **)(fs - RF_PROGRAM_TLS); /* lent out: see tls.c */
	return rf_gate_self_get();
}

int rf_gate_callback_begin(struct rf_callback *callback)
{
	struct rf_thread *t = rf_gate_self_any();

	callback->thread = t;
	if (!t)
		return -1;
	callback->was_inside = t->inside;
	callback->engine_fs = t->engine_fs;
	callback->generation = t->generation;
	callback->redo = t->redo;
	if (t->inside) {
		t->callbacks++; /* first: a signal handler must not find the thread outside */
		__asm__ volatile("" : : : "memory");
		rf_gate_leave(t);
	}
	return 0;
}

void rf_gate_callback_end(const struct rf_callback *callback)
{
	struct rf_thread *t = callback->thread;

	t->engine_fs = callback->engine_fs;
	t->generation = callback->generation; /* it may have been in another engine meanwhile */
	t->redo = callback->redo;
	if (callback->was_inside) {
		t->inside = callback->was_inside;
		__asm__ volatile("" : : : "memory");
		t->callbacks--;
		rf_gate_cross();
	}
}

int rf_gate_inside(void)
{
	struct rf_thread *t = rf_gate_self_any();

	return !t || t->inside;
}
