/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "engine/engine.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/elfload.h"
#include "engine/environment.h"
#include "engine/mode.h"
#include "engine/seat.h"
#include "engine/standby.h"
#include "engine/signals.h"
#include "engine/start.h"
#include "engine/syscalls.h"
#include "engine/threads.h"
#include "engine/tls.h"

struct rf_engine rf_engines[RF_WINDOW_SLOTS];

static pthread_mutex_t loading = PTHREAD_MUTEX_INITIALIZER;
static unsigned long generations;
static struct rf_engine *current;
static rf_engine_exit *on_exit_function;
static enum rf_window_held (*held)(unsigned long begin, unsigned long end);
extern char **environ;

void rf_engines_lock(void)
{
	pthread_mutex_lock(&loading);
}

void rf_engines_unlock(void)
{
	pthread_mutex_unlock(&loading);
}

int rf_engines_trylock(void)
{
	return pthread_mutex_trylock(&loading);
}

void rf_engines_after_fork(void)
{
	pthread_mutex_init(&loading, NULL);
}

void rf_engine_on_exit(rf_engine_exit *function)
{
	on_exit_function = function;
}

/* On any thread block. %rsp in the window: a thread of the engine's own (or its start). */
void rf_engine_exits(struct rf_engine *engine, int status)
{
	unsigned long sp = (unsigned long)__builtin_frame_address(0);
	rf_engine_exit *function = on_exit_function;
	struct rf_thread *t;

	if (engine->state == RF_ENGINE_LOADING && rf_raw3(SYS_gettid, 0, 0, 0) == engine->loader) {
		engine->handoff.status = status;
		engine->handoff.table = NULL;
		rf_start_back(&engine->handoff);
	}
	if (!function)
		return;
	if (rf_window_has(&engine->window, sp, 0)) {
		function(engine, status, NULL);
		for (;;)
			rf_raw3(SYS_exit, 0, 0, 0);
	}
	t = rf_gate_self_any();
	rf_gate_leave(t);
	function(engine, status, t);
}

void rf_engine_service_begin(struct rf_engine *engine, struct rf_service *service)
{
	unsigned long all = ~0ul;

	rf_raw4(SYS_rt_sigprocmask, SIG_SETMASK, &all, &service->mask, 8);
	while (__atomic_exchange_n(&engine->lock, 1, __ATOMIC_ACQUIRE))
		rf_raw3(SYS_sched_yield, 0, 0, 0);
	__asm__("mov %%fs:0,%0" : "=r"(service->app_fs));
	rf_raw3(SYS_arch_prctl, 0x1002, engine->handoff.engine_fs, 0);
}

void rf_engine_service_end(struct rf_engine *engine, const struct rf_service *service)
{
	rf_raw3(SYS_arch_prctl, 0x1002, service->app_fs, 0);
	__atomic_store_n(&engine->lock, 0, __ATOMIC_RELEASE);
	rf_raw4(SYS_rt_sigprocmask, SIG_SETMASK, &service->mask, NULL, 8);
}

/* Maps and runs the program in the engine's opened window. */
static int load(struct rf_engine *engine, const char *path, char *const envp[],
		const struct rf_seat *seat, struct rf_error *err)
{
	struct rf_handoff *handoff = &engine->handoff;
	int ret = -1;
	struct rf_elf program, interpreter;
	char variable[64], **env;
	sigset_t all, old;

	memset(handoff, 0, sizeof(*handoff));
	memset(&engine->patched, 0, sizeof(engine->patched));
	handoff->back = rf_start_back;
	handoff->version = RF_HANDOFF_VERSION;
	handoff->shared = seat->shared;
	handoff->first_key = seat->first_key;
	snprintf(variable, sizeof(variable), "%s=%lx", RF_HANDOFF_VARIABLE, (unsigned long)handoff);
	env = rf_environment_make(envp, variable);
	if (!env)
		return rf_error_set(err, ENOMEM, "no memory for the environment of an engine");
	if (rf_elf_map(engine, path, 0, 0, &program, err))
		goto out;
	if (!*program.interpreter) {
		rf_error_set(err, ENOEXEC,
			     "%s cannot be loaded as an engine: it names no "
			     "interpreter (statically linked?)",
			     path);
		goto out;
	}
	if (rf_elf_map(engine, program.interpreter, 1, seat->delta, &interpreter, err))
		goto out;
	if (seat->shared && rf_elf_widen_tls(&program, path, seat->gap, err))
		goto out;
	engine->loader = (int)rf_raw3(SYS_gettid, 0, 0, 0);
	engine->state = RF_ENGINE_LOADING;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	ret = rf_start(engine, path, env, &program, &interpreter, seat, err);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	engine->state = RF_ENGINE_LOADED;
	if (!ret && !handoff->table)
		ret = rf_error_set(err, 0, "engine program %s %s%s (exit status %d)", path,
				   *handoff->why ? "did not start: " : "ended before it was ready",
				   handoff->why, handoff->status);
out:
	rf_environment_free(env);
	return ret;
}

/* In turns, so that a pointer into an earlier engine is not taken for one of the present's. */
static struct rf_engine *free_slot(void)
{
	static int next;
	int i, slot;

	for (i = 0; i < RF_WINDOW_SLOTS; i++) {
		slot = (next + i) % RF_WINDOW_SLOTS;
		if (rf_engines[slot].state == RF_ENGINE_FREE) {
			rf_engines[slot].slot = slot;
			next = slot + 1;
			return &rf_engines[slot];
		}
	}
	return NULL;
}

void rf_engine_avoid(enum rf_window_held (*function)(unsigned long begin, unsigned long end))
{
	held = function;
}

static int is_loaded_at(unsigned long base)
{
	for (int slot = 0; slot < RF_WINDOW_SLOTS; slot++)
		if (rf_engines[slot].state != RF_ENGINE_FREE &&
		    rf_engines[slot].window.base == base)
			return 1;
	return 0;
}

/* In turns, too: what a process has loaded before is seldom there again. -1: none is free. */
int rf_engine_free_window(void)
{
	static int next;

	for (int most = RF_HELD_NOTHING; most <= RF_HELD_STATIC; most++)
		for (int i = 0; i < RF_WINDOWS; i++) {
			int number = (next + i) % RF_WINDOWS;
			unsigned long base =
				RF_WINDOW_BASE + (unsigned long)number * RF_WINDOW_SIZE;

			if (is_loaded_at(base) ||
			    (held && (int)held(base, base + RF_WINDOW_SIZE) > most))
				continue;
			next = number + 1;
			return number;
		}
	return -1;
}

void rf_engine_forget(struct rf_engine *engine)
{
	engine->generation = 0;
	engine->lock = 0;
	rf_tls_forget(engine);
	engine->state = RF_ENGINE_FREE;
	memset(engine->window.fds, 0, sizeof(engine->window.fds));
}

static int unload(struct rf_engine *engine, struct rf_error *err)
{
	unsigned long bits;
	int i, ret = rf_threads_kill(engine, err);

	if (ret)
		return ret;
	for (i = 0; i < RF_WINDOW_FDS / 64; i++) {
		for (bits = engine->window.fds[i]; bits; bits &= bits - 1)
			close(i * 64 + __builtin_ctzl(bits));
		engine->window.fds[i] = 0;
	}
	rf_tls_forget(engine);
	if (munmap((void *)engine->window.base, RF_WINDOW_SIZE))
		return rf_error_errno(err, "unmapping an engine");
	engine->generation = 0;
	engine->state = RF_ENGINE_FREE;
	return 0;
}

void rf_engine_number(struct rf_engine *engine)
{
	engine->generation = ++generations;
}

static int open_window(struct rf_engine *engine, int number, struct rf_error *err)
{
	if (rf_window_open(&engine->window, number, err))
		return -1;
	*rf_window_entry(&engine->window) = (void *)rf_hook_entry;
	rf_engine_number(engine);
	return 0;
}

/* The calling process is another one than the seat's, and has no engine. */
struct rf_engine *rf_engine_load_for(const struct rf_seat *seat, const char *program,
				     char *const envp[], struct rf_error *err)
{
	struct rf_engine *engine = &rf_engines[seat->slot], *result = NULL;

	pthread_mutex_lock(&loading);
	engine->slot = seat->slot;
	if (open_window(engine, seat->window, err) == 0) {
		if (load(engine, program, envp, seat, err))
			unload(engine, NULL);
		else
			result = engine;
	}
	pthread_mutex_unlock(&loading);
	return result;
}

struct rf_engine *rf_engine_load(const char *program, char *const envp[], struct rf_error *err)
{
	struct rf_engine *engine, *result = NULL;
	struct rf_seat seat;
	enum rf_gate_mode mode;
	int window;
	char why[256] = "";

	pthread_mutex_lock(&loading);
	engine = free_slot();
	if (!engine) {
		rf_error_set(err, EBUSY, "%d engines are loaded already", RF_WINDOW_SLOTS);
		goto out;
	}
	for (mode = rf_mode_first(); mode != RF_GATE_UNDECIDED; mode = rf_mode_next(mode, why)) {
		int shared = mode == RF_GATE_SHARED_TCB;

		*why = '\0';
		if (shared && rf_tls_reserve_keys(why))
			continue;
		window = rf_engine_free_window();
		if (window < 0) {
			rf_error_set(err, EBUSY,
				     "this process has requests from %d earlier engines, and there "
				     "is room for no more",
				     RF_WINDOWS);
			goto out;
		}
		if (open_window(engine, window, err))
			goto out;
		rf_seat_here(&seat, window, engine->slot, shared);
		if (load(engine, program, envp ? envp : environ, &seat, err)) {
			unload(engine, NULL);
			goto out;
		}
		if (!shared || !rf_tls_check(engine, why)) {
			rf_mode_decided(mode);
			rf_signals_wrap();
			result = engine;
			goto out;
		}
		if (unload(engine, err))
			goto out;
	}
	rf_error_set(err, ENOTSUP, "the gate cannot work in the mode that is asked for: %s",
		     rf_gate_mode_reason());
out:
	pthread_mutex_unlock(&loading);
	return result;
}

const void *rf_engine_table(const struct rf_engine *engine)
{
	return engine->handoff.table;
}

void *rf_engine_symbol(struct rf_engine *engine, const char *name)
{
	struct rf_service service;
	void *symbol;

	rf_engine_service_begin(engine, &service);
	symbol = engine->handoff.program->symbol(name);
	rf_engine_service_end(engine, &service);
	return symbol;
}

void rf_engine_use(struct rf_engine *engine)
{
	current = engine;
	rf_gate_generation_update();
}

struct rf_engine *rf_engine_current(void)
{
	return current;
}

int rf_engine_owns(const struct rf_engine *engine, const void *address)
{
	return rf_window_has(&engine->window, (unsigned long)address, 0);
}

int rf_engine_drop(struct rf_engine *engine, struct rf_error *err)
{
	int ret;

	pthread_mutex_lock(&loading);
	if (engine == current)
		rf_engine_use(NULL);
	ret = unload(engine, err);
	if (ret)
		rf_error_prefix(err, "an engine could not be thrown away");
	else if (engine->window.escaped)
		ret = rf_error_set(err, 0,
				   "an engine left %lu mappings outside its window, the "
				   "last at %#lx",
				   engine->window.escaped, engine->window.escaped_at);
	pthread_mutex_unlock(&loading);
	return ret;
}
