/* SPDX-License-Identifier: BSD-3-Clause */
#include "image/threads.h"
#include "image/context.h"
#include "image/interrupted.h"
#include "image/proc.h"
#include "image/signals.h"
#include "image/sys.h"

#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <ucontext.h>

#define DEFAULT_TIMEOUT_MS 5000
#define POLL_NS		   2000000L /* a thread may end instead of stopping: look again this often */
#define KERNEL_RESTORER	   0x04000000UL

struct slot {
	int32_t tid;
	int32_t stopped;
	int32_t exited, pad;
	struct rf_call call;	  /* what it waited in */
	struct rf_thread *record; /* where the handler puts its state */
};

/*
 * What handlers look at. In an image: a stop in progress, nobody released, nobody arrived.
 * A stopped thread looks at nothing else, since slots may go as soon as it is released.
 */
static struct {
	struct slot *slots; /* NULL: no stop is in progress */
	int generation;	    /* of the present stop */
	int released;	    /* futex: the generation that may go on */
	int stopped;	    /* futex: handlers that have saved their state */
	int command;	    /* futex: changes with every order to a stopped thread */
	int arrived;	    /* futex: threads that came back in a restored process */
	int count;
	int drain_tid; /* the thread that shall append its pending signals to drain_to, or 0 */
	int drain_failed;
	int late; /* a thread was signalled that did not stop in time: the handler must stay */
	struct rf_array *drain_to;
	struct rf_action old;
} stop;

static void futex_wait(int *word, int value, long ns)
{
	struct timespec limit = {ns / 1000000000, ns % 1000000000};

	rf_sys(futex, word, FUTEX_WAIT_PRIVATE, value, ns ? &limit : NULL);
}

static void futex_wake(int *word)
{
	rf_sys(futex, word, FUTEX_WAKE_PRIVATE, INT32_MAX);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	rf_sys(clock_gettime, CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void wait_for_release(int generation)
{
	int tid = (int)rf_sys(gettid);

	for (;;) {
		int command = __atomic_load_n(&stop.command, __ATOMIC_SEQ_CST);

		if (__atomic_load_n(&stop.released, __ATOMIC_SEQ_CST) == generation)
			return;
		if (__atomic_load_n(&stop.drain_tid, __ATOMIC_SEQ_CST) == tid) {
			stop.drain_failed = rf_signals_drain(stop.drain_to, tid);
			__atomic_store_n(&stop.drain_tid, 0, __ATOMIC_SEQ_CST);
			futex_wake(&stop.drain_tid);
		}
		futex_wait(&stop.command, command, 0);
	}
}

static void on_stop(int number, siginfo_t *info, void *ucontext)
{
	struct slot *slot = info->si_ptr;
	int generation = stop.generation;

	if (info->si_code != SI_QUEUE || !stop.slots || slot < stop.slots ||
	    slot >= stop.slots + stop.count || slot->tid != rf_sys(gettid) || slot->stopped) {
		/* glibc's own use of this signal, or one of ours that is no longer awaited */
		if (stop.old.handler > 1)
			((void (*)(int, siginfo_t *, void *))stop.old.handler)(number, info,
									       ucontext);
		return;
	}
	rf_call_restart(&slot->call, ucontext);
	rf_context_thread(slot->record);
	memcpy(&slot->record->signal_mask, &((ucontext_t *)ucontext)->uc_sigmask, 8);
	if (rf_context_save(&slot->record->context) == 0) {
		slot->stopped = 1;
		__atomic_add_fetch(&stop.stopped, 1, __ATOMIC_SEQ_CST);
		futex_wake(&stop.stopped);
		wait_for_release(generation);
	} else { /* restored: the scratch memory with the slots is gone */
		__atomic_add_fetch(&stop.arrived, 1, __ATOMIC_SEQ_CST);
		futex_wake(&stop.arrived);
		wait_for_release(generation);
	}
	/* sigreturn brings back all other registers, the mask and the alternate stack */
}

/* The kernel's sigaction needs a return trampoline of its own. */
__asm__(".pushsection .text\n"
	".type rf_stop_return, @function\n"
	"rf_stop_return:\n"
	"	mov $15, %eax\n" /* rt_sigreturn */
	"	syscall\n"
	".size rf_stop_return, . - rf_stop_return\n"
	".popsection\n");
extern void rf_stop_return(void) __attribute__((visibility("hidden")));

struct listing {
	struct rf_array *slots, *threads;
	const struct rf_image_hooks *hooks;
	int self, leader, added, full;
	nlink_t links; /* 2 and the tasks that were listed: what the directory's count should be */
};

static int leader_has_left(int leader)
{
	char path[64], text[512];
	const char *state;

	if (rf_proc_read(rf_proc_path(path, "/proc/self/task/", leader, "/stat"), text,
			 sizeof(text)) <= 0)
		return 0;
	state = strrchr(text, ')');
	return state && state[1] == ' ' && (state[2] == 'Z' || state[2] == 'X');
}

static int each_task(void *arg, int tid)
{
	struct listing *l = arg;
	struct slot *slot = (struct slot *)l->slots->data;
	siginfo_t info;

	l->links++;
	if (tid == l->self)
		return 0;
	for (uint64_t i = 0; i < l->slots->count; i++)
		if (slot[i].tid == tid)
			return 0;
	if (l->hooks && l->hooks->skip_thread && l->hooks->skip_thread(l->hooks->arg, tid))
		return 0;
	slot = rf_array_add(l->slots, 1);
	if (!slot || !(slot->record = rf_array_add(l->threads, 1))) {
		l->full = 1;
		return 1;
	}
	slot->tid = tid;
	stop.count = (int)l->slots->count;
	if (tid == l->leader && leader_has_left(tid)) {
		slot->record->tid = tid;
		slot->record->exited = 1;
		slot->exited = slot->stopped = 1;
		__atomic_add_fetch(&stop.stopped, 1, __ATOMIC_SEQ_CST);
		return 0;
	}
	rf_call_read(tid, &slot->call);
	memset(&info, 0, sizeof(info));
	info.si_signo = RF_STOP_SIGNAL;
	info.si_code = SI_QUEUE;
	info.si_ptr = slot;
	rf_sys(rt_tgsigqueueinfo, l->leader, tid, RF_STOP_SIGNAL, &info);
	l->added++;
	return 0;
}

/* Lists all tasks. 0 if that was not all: the kernel ends the list early when a task on it ends. */
static int list_tasks(struct listing *l)
{
	struct stat st;

	l->added = 0;
	l->links = 2;
	rf_proc_numbers("/proc/self/task", each_task, l);
	return !rf_sys_failed(rf_sys(stat, "/proc/self/task", &st)) && st.st_nlink <= l->links;
}

/* Forgets slots whose thread has ended. Returns a tid that is still awaited, or 0. */
static int awaited(struct rf_array *slots)
{
	struct slot *slot = (struct slot *)slots->data;
	int leader = (int)rf_sys(getpid), tid = 0;

	for (uint64_t i = 0; i < slots->count; i++) {
		if (slot[i].stopped || slot[i].tid < 0)
			continue;
		if (rf_sys(tgkill, leader, slot[i].tid, 0) == -ESRCH)
			slot[i].tid = -1;
		else if (!tid)
			tid = slot[i].tid;
	}
	return tid;
}

static void drop_ended(struct rf_array *slots, struct rf_array *threads)
{
	struct slot *slot = (struct slot *)slots->data;
	struct rf_thread *thread = (struct rf_thread *)threads->data, *first = NULL;
	uint64_t kept = 0;

	for (uint64_t i = 0; i < slots->count; i++) {
		if (!first)
			first = slot[i].record;
		if (slot[i].tid > 0)
			first[kept++] = *slot[i].record;
	}
	if (first)
		threads->count = (uint64_t)(first - thread) + kept;
}

int rf_threads_stop(struct rf_scratch *scratch, struct rf_array *threads,
		    const struct rf_image_hooks *hooks, struct rf_error *err)
{
	uint64_t limit = now_ns();
	static struct rf_array slots;
	struct rf_action action = {.handler = (uint64_t)on_stop,
				   .flags = SA_SIGINFO | SA_RESTART | KERNEL_RESTORER,
				   .restorer = (uint64_t)rf_stop_return,
				   .mask = ~0UL};
	struct listing l = {.slots = &slots,
			    .threads = threads,
			    .hooks = hooks,
			    .self = (int)rf_sys(gettid),
			    .leader = (int)rf_sys(getpid)};
	int tid = 0, all;

	limit += 1000000UL *
		 (hooks && hooks->stop_timeout_ms ? hooks->stop_timeout_ms : DEFAULT_TIMEOUT_MS);
	rf_array_open(&slots, scratch, sizeof(struct slot), 256);
	stop.slots = (struct slot *)slots.data;
	stop.count = stop.stopped = stop.arrived = 0;
	stop.generation++;
	/* with a late thread of an earlier stop the handler is in place, and `old` is known */
	if (!stop.late)
		rf_sys(rt_sigaction, RF_STOP_SIGNAL, &action, &stop.old, 8);
	do { /* until a look at all tasks finds no new one, since stopped threads make none */
		all = list_tasks(&l);
		while (!l.full && (tid = awaited(&slots)) && now_ns() < limit) {
			int seen = __atomic_load_n(&stop.stopped, __ATOMIC_SEQ_CST);

			if (awaited(&slots))
				futex_wait(&stop.stopped, seen, POLL_NS);
		}
	} while (!l.full && !tid && (l.added || !all) && now_ns() < limit);
	if (l.full || tid || l.added || !all) {
		stop.late = 1;
		rf_threads_resume();
		if (l.full)
			return rf_error_set(err, ENOMEM, "no memory for the state of all threads");
		if (tid)
			return rf_error_set(err, ETIMEDOUT, "thread %d did not stop for the image",
					    tid);
		return rf_error_set(err, ETIMEDOUT, "threads did not stop to come and go");
	}
	drop_ended(&slots, threads);
	return 0;
}

static int read_mask(struct rf_array *text, int tid, const char *key, uint64_t *mask,
		     struct rf_error *err)
{
	const char *value;
	char path[64];

	rf_proc_path(path, "/proc/self/task/", tid, "/status");
	if (rf_proc_read(path, text->data, text->committed) <= 0 ||
	    !(value = rf_proc_value(text->data, key)))
		return rf_error_set(err, EIO, "cannot read %s", path);
	*mask = rf_proc_hex(&value);
	return 0;
}

int rf_threads_pending(struct rf_array *pending, struct rf_array *text, struct rf_error *err)
{
	for (int i = 0; i < stop.count; i++) {
		const struct slot *slot = &stop.slots[i];
		uint64_t mask;

		if (slot->tid <= 0 || slot->exited)
			continue;
		if (read_mask(text, slot->tid, "SigPnd:", &mask, err))
			return -1;
		if (!mask)
			continue;
		stop.drain_to = pending;
		__atomic_store_n(&stop.drain_tid, slot->tid, __ATOMIC_SEQ_CST);
		__atomic_add_fetch(&stop.command, 1, __ATOMIC_SEQ_CST);
		futex_wake(&stop.command);
		while (__atomic_load_n(&stop.drain_tid, __ATOMIC_SEQ_CST))
			futex_wait(&stop.drain_tid, slot->tid, POLL_NS);
		if (stop.drain_failed)
			return rf_error_set(
				err, -stop.drain_failed,
				"cannot take the signals that are pending for thread %d",
				slot->tid);
	}
	return 0;
}

int rf_threads_pending_mask(struct rf_array *text, uint64_t *mask, struct rf_error *err)
{
	int self = (int)rf_sys(gettid);
	uint64_t own, shared;

	if (read_mask(text, self, "SigPnd:", &own, err) ||
	    read_mask(text, self, "ShdPnd:", &shared, err))
		return -1;
	*mask = own | shared;
	for (int i = 0; i < stop.count; i++) {
		if (stop.slots[i].tid <= 0 || stop.slots[i].exited)
			continue;
		if (read_mask(text, stop.slots[i].tid, "SigPnd:", &own, err))
			return -1;
		*mask |= own;
	}
	return 0;
}

void rf_threads_resume(void)
{
	stop.slots = NULL;
	__atomic_store_n(&stop.released, stop.generation, __ATOMIC_SEQ_CST);
	__atomic_add_fetch(&stop.command, 1, __ATOMIC_SEQ_CST);
	futex_wake(&stop.command);
	if (!stop.late)
		rf_sys(rt_sigaction, RF_STOP_SIGNAL, &stop.old, NULL, 8);
}

const struct rf_action *rf_threads_action(void)
{
	return &stop.old;
}

void rf_threads_arrive(uint64_t n, int leaderless)
{
	for (;;) {
		int seen = __atomic_load_n(&stop.arrived, __ATOMIC_SEQ_CST);

		if ((uint64_t)seen >= n && (!leaderless || leader_has_left((int)rf_sys(getpid))))
			return;
		futex_wait(&stop.arrived, seen, POLL_NS);
	}
}
