/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "engine/standby.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>

#include "engine/internal.h"
#include "engine/syscalls.h"
#include "engine/tls.h"

#define SIGNAL	    33 /* what engines' threads do not block: see threads.c */
#define DEADLINE_NS 5000000000l
#define THREADS	    RF_HANDOFF_THREADS

/* In the window, as the process that froze it leaves it to the one that adopts it. */
struct record {
	int *frozen; /* futex: 1 as long as threads are to stay */
	struct rf_engine engine;
};

/*
 * Where a thread waits: rf_standby_wait(its signal's ucontext), copied into the window, with the
 * futex behind it. It leaves by sigreturn, which wants the stack pointer there.
 */
extern const char rf_standby_wait[] RF_HIDDEN, rf_standby_word[] RF_HIDDEN,
	rf_standby_end[] RF_HIDDEN;
__asm__(".pushsection .text\n"
	".globl rf_standby_wait, rf_standby_word, rf_standby_end\n"
	".hidden rf_standby_wait, rf_standby_word, rf_standby_end\n"
	"rf_standby_wait:\n"
	"	mov %rdi,%rbx\n"
	"1:	cmpl $0,rf_standby_word(%rip)\n"
	"	je 2f\n"
	"	lea rf_standby_word(%rip),%rdi\n"
	"	xor %esi,%esi\n" /* FUTEX_WAIT */
	"	mov $1,%edx\n"
	"	xor %r10d,%r10d\n"
	"	mov $202,%eax\n"
	"	syscall\n"
	"	jmp 1b\n"
	"2:	mov %rbx,%rsp\n"
	"	mov $15,%eax\n" /* rt_sigreturn */
	"	syscall\n"
	"	.balign 4\n"
	"rf_standby_word:\n"
	"	.long 1\n"
	"rf_standby_end:\n"
	".popsection");

enum answer { NONE, FROZEN, AGAIN };

static struct {
	const struct rf_window *window;
	void (*wait)(void *context);
	struct {
		int tid, answer;
	} asked[THREADS];
	int count; /* written before the signal is sent */
} freezing;

/* On any thread block: no TLS. */
static void on_signal(int sig, siginfo_t *info, void *context)
{
	const greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;
	int tid = (int)rf_raw3(SYS_gettid, 0, 0, 0), i;
	int answer =
		rf_window_has(freezing.window, (unsigned long)regs[REG_RIP], 0) ? FROZEN : AGAIN;

	(void)sig;
	(void)info;
	for (i = 0; i < __atomic_load_n(&freezing.count, __ATOMIC_ACQUIRE); i++)
		if (freezing.asked[i].tid == tid)
			__atomic_store_n(&freezing.asked[i].answer, answer, __ATOMIC_RELEASE);
	if (answer == FROZEN)
		freezing.wait(context);
}

struct kernel_sigaction {
	void (*handler)(int, siginfo_t *, void *);
	unsigned long flags;
	void (*restorer)(void);
	unsigned long mask;
};

void rf_threads_restorer(void) RF_HIDDEN; /* threads.c */

static void ask(int tid)
{
	int i;

	for (i = 0; i < freezing.count && freezing.asked[i].tid != tid; i++)
		;
	if (i == THREADS)
		return;
	if (i < freezing.count &&
	    __atomic_load_n(&freezing.asked[i].answer, __ATOMIC_ACQUIRE) != AGAIN)
		return;
	freezing.asked[i].tid = tid;
	freezing.asked[i].answer = NONE;
	if (i == freezing.count)
		__atomic_store_n(&freezing.count, i + 1, __ATOMIC_RELEASE);
	rf_raw3(SYS_tgkill, rf_raw3(SYS_getpid, 0, 0, 0), tid, SIGNAL);
}

/*
 * How many threads run still; -1: cannot be seen. The kernel ends the list early when a thread ends
 * while it is read: its directory is counted by links.
 */
static int running(void)
{
	DIR *dir = opendir("/proc/self/task");
	int me = (int)rf_raw3(SYS_gettid, 0, 0, 0), count = 0, i;
	nlink_t listed = 2;
	struct dirent *entry;
	struct stat st;

	if (!dir)
		return -1;
	while ((entry = readdir(dir))) {
		int tid = atoi(entry->d_name);

		listed += tid > 0;
		if (tid <= 0 || tid == me)
			continue;
		ask(tid);
		for (i = 0; i < freezing.count && freezing.asked[i].tid != tid; i++)
			;
		count += i == freezing.count ||
			 __atomic_load_n(&freezing.asked[i].answer, __ATOMIC_ACQUIRE) != FROZEN;
	}
	if (fstat(dirfd(dir), &st) || st.st_nlink > listed)
		count = -1;
	closedir(dir);
	return count;
}

static long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000l + t.tv_nsec;
}

static int freeze_threads(struct rf_error *err)
{
	const struct kernel_sigaction sa = {on_signal, SA_SIGINFO | 0x04000000 | SA_RESTART,
					    rf_threads_restorer, ~0ul};
	const struct timespec nap = {0, 200000};
	long begin = now();
	int left;

	rf_raw4(SYS_rt_sigaction, SIGNAL, &sa, NULL, 8);
	while ((left = running()) && now() - begin < DEADLINE_NS)
		nanosleep(&nap, NULL);
	if (left < 0)
		return rf_error_set(err, ETIMEDOUT, "the threads of an engine cannot be listed");
	if (left)
		return rf_error_set(err, ETIMEDOUT, "%d threads of an engine do not stop", left);
	return 0;
}

/* Memory of the window, before its threads stand still. */
static void *take(struct rf_engine *engine, size_t bytes, int protection)
{
	unsigned long at = rf_window_take(&engine->window, bytes);

	if (!at || mmap((void *)at, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
			0) == MAP_FAILED)
		return NULL;
	return (void *)at;
}

int rf_standby_freeze(struct rf_engine *engine, unsigned long *record, struct rf_error *err)
{
	size_t code = (size_t)(rf_standby_end - rf_standby_wait);
	char *wait = take(engine, 4096, PROT_READ | PROT_WRITE | PROT_EXEC);
	struct record *r = take(engine, RF_PAGE_UP(sizeof(*r)), PROT_READ | PROT_WRITE);

	if (!wait || !r)
		return rf_error_set(err, ENOMEM, "no memory in an engine's window");
	memcpy(wait, rf_standby_wait, code);
	freezing.window = &engine->window;
	freezing.wait = (void (*)(void *))wait;
	if (freeze_threads(err))
		return -1;
	r->frozen = (int *)(wait + (rf_standby_word - rf_standby_wait));
	r->engine = *engine;
	r->engine.spare = NULL;
	*record = (unsigned long)r;
	return 0;
}

void rf_standby_range(const struct rf_engine *engine, unsigned long *begin, unsigned long *end)
{
	*begin = engine->window.base;
	*end = engine->window.end;
}

int rf_standby_has_fd(const struct rf_engine *engine, int fd)
{
	return fd >= 0 && fd < RF_WINDOW_FDS &&
	       (engine->window.fds[fd / 64] & (1ul << (fd % 64))) != 0;
}

struct rf_engine *rf_standby_adopt(unsigned long record, struct rf_error *err)
{
	const struct record *r = (const struct record *)record;
	struct rf_engine *engine = &rf_engines[r->engine.slot];
	char why[256] = "";

	if (engine->state != RF_ENGINE_FREE) {
		rf_error_set(err, EBUSY, "the place of the engine is taken");
		return NULL;
	}
	*engine = r->engine;
	rf_engine_number(engine);
	*rf_window_entry(&engine->window) = (void *)rf_hook_entry;
	*engine->handoff.program->handoff = &engine->handoff;
	/* before anything is called in it: its threads may hold any lock */
	__atomic_store_n(r->frozen, 0, __ATOMIC_RELEASE);
	rf_raw4(SYS_futex, r->frozen, FUTEX_WAKE, INT_MAX, 0);
	if (!engine->handoff.shared || !rf_tls_check(engine, why))
		return engine;
	rf_error_set(err, ENOTSUP, "the engine that waited does not fit: %s", why);
	return NULL;
}
