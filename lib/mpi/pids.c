/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "mpi/pids.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "image/image.h"
#include "image/sys.h"

#define EXPORT __attribute__((visibility("default")))

struct pair {
	int seen, real;
};

/* Of the process that was restored; a child that it forks has ids of its own. */
static struct {
	struct pair process;  /* 0, 0: not restored */
	struct pair *threads; /* ascending by `real` */
	unsigned count;
	unsigned long bytes; /* mapped at `threads` */
} ids;

int rf_pids_process(void)
{
	return (int)rf_sys(getpid);
}

int rf_pids_thread(void)
{
	return (int)rf_sys(gettid);
}

/* ---- after a restore ---- */

int rf_pids_renamed(int tid)
{
	const struct rf_resume *resumed = rf_image_resumed();
	const struct rf_resumed_thread *thread = (const void *)resumed->threads;

	for (unsigned i = 0; i < resumed->count; i++)
		if (thread[i].old_tid == tid)
			return thread[i].tid;
	return 0;
}

/* What the program calls the thread that had `tid` when the image was taken. */
static int seen_before(int tid)
{
	for (unsigned i = 0; i < ids.count; i++)
		if (ids.threads[i].real == tid)
			return ids.threads[i].seen;
	return tid;
}

static void sort(struct pair *pair, unsigned n)
{
	for (unsigned gap = n / 2; gap; gap /= 2)
		for (unsigned i = gap; i < n; i++) {
			struct pair moving = pair[i];
			unsigned k = i;

			for (; k >= gap && pair[k - gap].real > moving.real; k -= gap)
				pair[k] = pair[k - gap];
			pair[k] = moving;
		}
}

void rf_pids_restored(void)
{
	const struct rf_resume *resumed = rf_image_resumed();
	const struct rf_resumed_thread *thread = (const void *)resumed->threads;
	unsigned long bytes = (resumed->count * sizeof(struct pair) + 4095) & ~4095ul;
	struct pair *threads =
		mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (!ids.process.seen)
		ids.process.seen = resumed->old_pid;
	ids.process.real = resumed->pid;
	if (threads == MAP_FAILED) /* the threads are then known by their new ids */
		return;
	for (unsigned i = 0; i < resumed->count; i++)
		threads[i] = (struct pair){seen_before(thread[i].old_tid), thread[i].tid};
	sort(threads, (unsigned)resumed->count);
	if (ids.threads)
		munmap(ids.threads, ids.bytes);
	ids.threads = threads;
	ids.count = (unsigned)resumed->count;
	ids.bytes = bytes;
}

/* ---- translation ---- */

static int restored(void)
{
	return ids.process.real && rf_pids_process() == ids.process.real;
}

static int seen_process(int real)
{
	return ids.process.real && real == ids.process.real ? ids.process.seen : real;
}

static int seen_thread(int real)
{
	unsigned low = 0, high = ids.count;

	if (!ids.count || !restored())
		return real;
	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (ids.threads[middle].real < real)
			low = middle + 1;
		else
			high = middle;
	}
	return low < ids.count && ids.threads[low].real == real ? ids.threads[low].seen : real;
}

/* A process, or with a minus its group, which the keeper gave it. */
static int real_process(int seen)
{
	if (!ids.process.real || !restored())
		return seen;
	if (seen == ids.process.seen)
		return ids.process.real;
	return seen == -ids.process.seen ? -ids.process.real : seen;
}

static int real_thread(int seen)
{
	if (!ids.count || !restored())
		return seen;
	for (unsigned i = 0; i < ids.count; i++)
		if (ids.threads[i].seen == seen)
			return ids.threads[i].real;
	return real_process(seen);
}

static long result(long ret)
{
	if (!rf_sys_failed(ret))
		return ret;
	errno = (int)-ret;
	return -1;
}

/* ---- what the program calls ---- */

EXPORT pid_t getpid(void)
{
	return seen_process(rf_pids_process());
}

EXPORT pid_t gettid(void)
{
	return seen_thread(rf_pids_thread());
}

EXPORT pid_t getpgrp(void)
{
	return seen_process((int)rf_sys(getpgid, 0));
}

EXPORT pid_t getpgid(pid_t pid)
{
	return seen_process((int)result(rf_sys(getpgid, real_process(pid))));
}

EXPORT int kill(pid_t pid, int signal)
{
	return (int)result(rf_sys(kill, real_process(pid), signal));
}

EXPORT int killpg(pid_t group, int signal)
{
	if (group < 0)
		return (int)result(-EINVAL);
	return kill(-group, signal);
}

EXPORT int tgkill(pid_t process, pid_t thread, int signal)
{
	return (int)result(rf_sys(tgkill, real_process(process), real_thread(thread), signal));
}

EXPORT int sigqueue(pid_t pid, int signal, const union sigval value)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_signo = signal;
	info.si_code = SI_QUEUE;
	info.si_pid = getpid();
	info.si_uid = getuid();
	info.si_value = value;
	return (int)result(rf_sys(rt_sigqueueinfo, real_process(pid), signal, &info));
}

EXPORT int sched_setaffinity(pid_t pid, size_t size, const cpu_set_t *set)
{
	return (int)result(rf_sys(sched_setaffinity, real_thread(pid), size, set));
}

/* The kernel says how many bytes it has filled; the others are zero for the caller. */
EXPORT int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set)
{
	long n = rf_sys(sched_getaffinity, real_thread(pid), size < INT32_MAX ? size : INT32_MAX,
			set);

	if (rf_sys_failed(n))
		return (int)result(n);
	memset((char *)set + n, 0, size - (size_t)n);
	return 0;
}

EXPORT int setpriority(__priority_which_t which, id_t who, int value)
{
	int id = which == PRIO_PROCESS ? real_thread((int)who) : real_process((int)who);

	return (int)result(rf_sys(setpriority, which, id, value));
}

/*
 * syscall(2) with up to six arguments: those that were not given are whatever is there. Programs
 * ask by it for the id of a thread, as there was no gettid() before glibc 2.30.
 */
EXPORT long rf_pids_syscall(long nr, long a, long b, long c, long d, long e,
			    long f) __asm__("syscall");

long rf_pids_syscall(long nr, long a, long b, long c, long d, long e, long f)
{
	switch (nr) {
	case SYS_getpid:
		return getpid();
	case SYS_gettid:
		return gettid();
	case SYS_kill:
	case SYS_rt_sigqueueinfo:
		a = real_process((int)a);
		break;
	case SYS_tgkill:
	case SYS_rt_tgsigqueueinfo:
		a = real_process((int)a);
		b = real_thread((int)b);
		break;
	case SYS_tkill:
	case SYS_sched_setaffinity:
	case SYS_sched_getaffinity:
		a = real_thread((int)a);
		break;
	}
	return result(rf_syscall6(nr, a, b, c, d, e, f));
}
