/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "engine/halves.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>

#include "engine/gate.h"
#include "engine/internal.h"

#define LOOKS 20   /* at a running thread that no engine has noted */
#define TRIES 1000 /* to take a lock that is held for moments */

void rf_engines_range(unsigned long *begin, unsigned long *end)
{
	*begin = RF_WINDOW_BASE;
	*end = RF_WINDOW_BASE + RF_WINDOW_ALL;
}

static int noted(int tid)
{
	int slot, i;

	for (slot = 0; slot < RF_WINDOW_SLOTS; slot++)
		for (i = 0; rf_engines[slot].state != RF_ENGINE_FREE && i < RF_HANDOFF_THREADS; i++)
			if (__atomic_load_n(&rf_engines[slot].handoff.threads[i],
					    __ATOMIC_RELAXED) == tid)
				return 1;
	return 0;
}

static unsigned long parse_hex(const char *p)
{
	unsigned long value = 0;

	if (p[0] == '0' && p[1] == 'x')
		p += 2;
	for (;; p++) {
		if (*p >= '0' && *p <= '9')
			value = value * 16 + (unsigned long)(*p - '0');
		else if (*p >= 'a' && *p <= 'f')
			value = value * 16 + (unsigned long)(*p - 'a' + 10);
		else
			return value;
	}
}

/*
 * The stack pointer of a thread that waits in the kernel, the last word but one of its file
 * "syscall" (proc(5)); 0: it has ended, 1: it runs.
 */
static unsigned long stack_of(int tid)
{
	char path[64] = "/proc/self/task/", text[256], digits[12];
	unsigned int n = 16, k = 0, words = 0;
	long fd, length, i;

	do
		digits[k++] = (char)('0' + tid % 10);
	while (tid /= 10);
	while (k)
		path[n++] = digits[--k];
	for (k = 0; k < sizeof("/syscall"); k++)
		path[n++] = "/syscall"[k];
	fd = rf_raw4(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return 0;
	length = rf_raw3(SYS_read, fd, text, sizeof(text) - 1);
	rf_raw3(SYS_close, fd, 0, 0);
	if (length <= 0)
		return 0;
	text[length] = '\0';
	if (text[0] == 'r') /* running */
		return 1;
	for (i = length; i > 0; i--)
		if (text[i - 1] == ' ' && ++words == 2)
			return parse_hex(text + i);
	return 0;
}

int rf_engines_have_thread(int tid)
{
	unsigned long sp = 1;
	int look;

	if (noted(tid))
		return 1;
	/* threads that an engine's libc makes for itself are not noted, but they mostly wait */
	for (look = 0; look < LOOKS && sp == 1; look++) {
		sp = stack_of(tid);
		if (sp == 1)
			rf_raw3(SYS_sched_yield, 0, 0, 0);
	}
	return sp - RF_WINDOW_BASE < RF_WINDOW_ALL;
}

int rf_engines_have_fd(int fd)
{
	int slot;

	for (slot = 0; fd >= 0 && fd < RF_WINDOW_FDS && slot < RF_WINDOW_SLOTS; slot++)
		if (rf_engines[slot].state != RF_ENGINE_FREE &&
		    rf_engines[slot].window.fds[fd / 64] & (1ul << (fd % 64)))
			return 1;
	return 0;
}

int rf_engines_freeze(struct rf_error *err)
{
	int tries;

	for (tries = 0; rf_engines_trylock(); tries++) {
		if (tries == TRIES)
			return rf_error_set(err, EAGAIN, "an engine is being loaded");
		rf_raw3(SYS_sched_yield, 0, 0, 0);
	}
	for (tries = 0; tries < TRIES && rf_gate_trylock(); tries++)
		rf_raw3(SYS_sched_yield, 0, 0, 0);
	if (tries == TRIES) {
		rf_engines_unlock();
		return rf_error_set(err, EAGAIN, "a thread is being attached to the engine");
	}
	return 0;
}

void rf_engines_thaw(void)
{
	rf_gate_unlock();
	rf_engines_unlock();
}

static void find_inside(struct rf_thread *t, void *arg)
{
	if (t->inside || (t->callbacks && !t->held))
		*(int *)arg = t->tid;
}

int rf_engines_inside(void)
{
	int tid = 0;

	rf_gate_each_locked(find_inside, &tid);
	return tid;
}

static void forget(struct rf_thread *t, void *arg)
{
	int slot;

	(void)arg;
	t->inside = 0;
	t->generation = 0;
	t->engine_fs = 0;
	for (slot = 0; slot < RF_GATE_SLOTS; slot++) {
		t->slot[slot].generation = 0;
		t->slot[slot].fs = 0;
		t->slot[slot].delta = 0;
		t->slot[slot].dtv = NULL;
	}
}

void rf_engines_forget(void)
{
	int slot;

	rf_gate_each_locked(forget, NULL);
	for (slot = 0; slot < RF_WINDOW_SLOTS; slot++)
		rf_engine_forget(&rf_engines[slot]);
	rf_engine_use(NULL);
}
