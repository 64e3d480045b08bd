/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "engine/threads.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

/*
 * glibc's SIGSETXID, which its sigprocmask and pthread_sigmask cannot block. It is borrowed for the
 * time of the kill; set*id() in another thread at that very moment would wait until it is put back.
 */
#define SIGNAL	    33
#define DEADLINE_NS 2000000000l
#define LOOKS	    50 /* at a running thread, before it is taken for one to ask by signal */

enum owner { THEIRS, OURS, RUNNING };

static struct rf_window *volatile killing;

/* On any thread block: no TLS. Threads of the application just return to where they were. */
static void end_thread(int sig, siginfo_t *info, void *context)
{
	unsigned long sp = (unsigned long)((ucontext_t *)context)->uc_mcontext.gregs[REG_RSP];
	struct rf_window *w = killing;

	(void)sig;
	(void)info;
	if (w && rf_window_has(w, sp, 0))
		for (;;)
			rf_raw3(SYS_exit, 0, 0, 0);
}

struct kernel_sigaction {
	void (*handler)(int, siginfo_t *, void *);
	unsigned long flags;
	void (*restorer)(void);
	unsigned long mask;
};

void rf_threads_restorer(void) RF_HIDDEN;
__asm__(".pushsection .text\n"
	".globl rf_threads_restorer\n"
	".hidden rf_threads_restorer\n"
	"rf_threads_restorer:\n"
	"	mov $15,%eax\n" /* rt_sigreturn */
	"	syscall\n"
	".popsection");

/* The stack pointer of a thread that waits in the kernel is the last but one word of this file. */
static enum owner owner_of(const struct rf_window *w, int tid)
{
	char path[64], text[512], *word;
	unsigned long sp;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? THEIRS : RUNNING;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0) /* it has ended */
		return n < 0 && errno != ESRCH ? RUNNING : THEIRS;
	text[n] = '\0';
	word = strrchr(text, ' ');
	if (strncmp(text, "running", 7) == 0 || !word)
		return RUNNING;
	*word = '\0';
	word = strrchr(text, ' ');
	if (!word)
		return RUNNING;
	sp = strtoul(word + 1, NULL, 16);
	return rf_window_has(w, sp, 0) ? OURS : THEIRS;
}

static int each(struct rf_engine *engine, int signalled, int *running, struct rf_error *err)
{
	DIR *dir = opendir("/proc/self/task");
	int count = 0, me = gettid(), look;
	struct dirent *entry;

	if (!dir)
		return rf_error_errno(err, "reading /proc/self/task");
	*running = 0;
	while ((entry = readdir(dir))) {
		int tid = atoi(entry->d_name);
		enum owner owner = RUNNING;

		if (tid <= 0 || tid == me)
			continue;
		for (look = 0; look < LOOKS && owner == RUNNING; look++) {
			owner = owner_of(&engine->window, tid);
			if (owner == RUNNING)
				sched_yield();
		}
		if (owner == THEIRS)
			continue;
		if (owner == RUNNING)
			(*running)++;
		else
			count++;
		if (signalled)
			rf_raw3(SYS_tgkill, getpid(), tid, SIGNAL);
	}
	closedir(dir);
	return count;
}

int rf_threads_count(struct rf_engine *engine, struct rf_error *err)
{
	int running;

	return each(engine, 0, &running, err);
}

static long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000l + t.tv_nsec;
}

int rf_threads_kill(struct rf_engine *engine, struct rf_error *err)
{
	/* SA_RESTORER is not in libc's headers */
	struct kernel_sigaction sa = {end_thread, SA_SIGINFO | 0x04000000 | SA_ONSTACK | SA_RESTART,
				      rf_threads_restorer, ~0ul};
	struct kernel_sigaction old;
	const struct timespec nap = {0, 20000};
	long begin = now();
	int left, running, round;

	left = each(engine, 0, &running, err);
	if (left < 0 || (!left && !running))
		return left;
	killing = &engine->window;
	rf_raw4(SYS_rt_sigaction, SIGNAL, &sa, &old, 8);
	for (round = 0; left > 0 || running; round++) {
		left = each(engine, round % 16 == 0, &running, err);
		/* a thread that was asked and still only computes is the application's */
		if (left < 0 || (!left && round > 1) || now() - begin > DEADLINE_NS)
			break;
		nanosleep(&nap, NULL);
	}
	rf_raw4(SYS_rt_sigaction, SIGNAL, &old, NULL, 8);
	killing = NULL;
	if (left > 0)
		return rf_error_set(err, ETIMEDOUT, "%d threads of the engine do not end", left);
	return left < 0 ? -1 : 0;
}
