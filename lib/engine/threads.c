/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "engine/threads.h"

#include "engine/syscalls.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

/*
 * glibc's SIGSETXID, which its sigprocmask and pthread_sigmask cannot block. It is borrowed for the
 * time of the kill; set*id() in another thread at that very moment would wait until it is put back.
 */
#define SIGNAL	    33
#define DEADLINE_NS 10000000000l /* each thread needs CPU time to end: seconds on a busy host */
#define LOOKS	    50 /* at a running thread, before it is taken for one to ask by signal */

enum owner { THEIRS, OURS, RUNNING };

enum answer { NONE, NOT_OURS, AGAIN };

/* Threads that were asked by signal. AGAIN: it could not end where it was, and is to be asked
 * again. */
static struct {
	int tid, answer;
} asked[4096];
static int asked_count; /* written before the signal is sent */
static struct rf_window *volatile killing;

/* On any thread block: no TLS. Threads of the application just return to where they were. */
static void end_thread(int sig, siginfo_t *info, void *context)
{
	const greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;
	struct rf_window *w = killing;
	int tid, i, answer = NOT_OURS;

	(void)sig;
	(void)info;
	if (w && rf_window_has(w, (unsigned long)regs[REG_RSP], 0))
		answer = AGAIN;
	if (answer == AGAIN && !rf_hook_holds_fd((unsigned long)regs[REG_RIP], regs[REG_RAX]))
		for (;;)
			rf_raw3(SYS_exit, 0, 0, 0);
	tid = (int)rf_raw3(SYS_gettid, 0, 0, 0);
	for (i = 0; i < __atomic_load_n(&asked_count, __ATOMIC_ACQUIRE); i++)
		if (asked[i].tid == tid)
			__atomic_store_n(&asked[i].answer, answer, __ATOMIC_RELEASE);
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

static enum owner look_at(const struct rf_window *w, int tid, int times)
{
	enum owner owner = RUNNING;

	while (times-- && owner == RUNNING) {
		owner = owner_of(w, tid);
		if (owner == RUNNING)
			sched_yield();
	}
	return owner;
}

static int find_asked(int tid)
{
	int i;

	for (i = 0; i < asked_count; i++)
		if (asked[i].tid == tid)
			return i;
	return -1;
}

static void ask(int tid)
{
	if (asked_count == (int)(sizeof(asked) / sizeof(*asked)))
		return;
	asked[asked_count].tid = tid;
	asked[asked_count].answer = NONE;
	__atomic_store_n(&asked_count, asked_count + 1, __ATOMIC_RELEASE);
	rf_raw3(SYS_tgkill, rf_raw3(SYS_getpid, 0, 0, 0), tid, SIGNAL);
}

/* Whether a thread that was asked may still be the engine's. */
static int counts(int i)
{
	switch (__atomic_load_n(&asked[i].answer, __ATOMIC_ACQUIRE)) {
	case NOT_OURS:
		return 0;
	case AGAIN:
		__atomic_store_n(&asked[i].answer, NONE, __ATOMIC_RELAXED);
		rf_raw3(SYS_tgkill, rf_raw3(SYS_getpid, 0, 0, 0), asked[i].tid, SIGNAL);
		break;
	}
	return 1;
}

/*
 * Counts the engine's threads, and those that may be, in one look at the list of all; -1 and err.
 * kill: asks each by signal; one that was asked counts until it has ended or answered. *all is set
 * if the list was whole: the kernel ends it early when a thread ends while it is read.
 */
static int look(const struct rf_window *w, int kill, int *all, struct rf_error *err)
{
	/* no opendir(), which uses malloc(): a signal handler may have interrupted that */
	static char list[4096] __attribute__((aligned(8)));
	int dir = open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int count = 0, me = (int)rf_raw3(SYS_gettid, 0, 0, 0), tid, i;
	nlink_t listed = 2; /* as its directories are counted */
	enum owner owner;
	struct stat st;
	long n, at;

	if (dir < 0)
		return rf_error_errno(err, "reading /proc/self/task");
	while ((n = syscall(SYS_getdents64, dir, list, sizeof(list))) > 0) {
		for (at = 0; at < n; at += ((struct dirent64 *)(list + at))->d_reclen) {
			tid = atoi(((struct dirent64 *)(list + at))->d_name);
			listed += tid > 0;
			if (tid <= 0 || tid == me)
				continue;
			i = kill ? find_asked(tid) : -1;
			if (i >= 0) {
				count += counts(i);
				continue;
			}
			owner = look_at(w, tid, LOOKS);
			if (owner == THEIRS || (owner == RUNNING && !kill))
				continue;
			count++;
			if (kill)
				ask(tid);
		}
	}
	*all = !fstat(dir, &st) && st.st_nlink <= listed;
	close(dir);
	return count;
}

int rf_threads_count(struct rf_engine *engine, struct rf_error *err)
{
	int all = 0, count = 0, times;

	for (times = 0; times < LOOKS && !all && count >= 0; times++)
		count = look(&engine->window, 0, &all, err);
	return count;
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
	const struct kernel_sigaction sa = {end_thread,
					    SA_SIGINFO | 0x04000000 | SA_ONSTACK | SA_RESTART,
					    rf_threads_restorer, ~0ul};
	const struct timespec nap = {0, 20000};
	struct kernel_sigaction old;
	long begin = now();
	int left, all;

	asked_count = 0;
	killing = &engine->window;
	rf_raw4(SYS_rt_sigaction, SIGNAL, &sa, &old, 8);
	while (((left = look(&engine->window, 1, &all, err)) > 0 || (!left && !all)) &&
	       now() - begin < DEADLINE_NS)
		nanosleep(&nap, NULL);
	if (left < 0 || (!left && all)) { /* else a late answer still needs the handler */
		rf_raw4(SYS_rt_sigaction, SIGNAL, &old, NULL, 8);
		killing = NULL;
		return left;
	}
	return rf_error_set(err, ETIMEDOUT, "%d threads of the engine do not end", left);
}
