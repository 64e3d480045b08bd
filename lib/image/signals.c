/* SPDX-License-Identifier: BSD-3-Clause */
#include "image/signals.h"
#include "image/proc.h"
#include "image/sys.h"
#include "image/threads.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#define PENDING_MAX 4096 /* bound of a loop that other processes could otherwise feed for ever */

int rf_signals_actions(struct rf_array *actions, const struct rf_action *stop)
{
	for (int i = 1; i <= 64; i++) {
		struct rf_action *a = rf_array_add(actions, 1);

		if (!a)
			return -ENOMEM;
		if (i == RF_STOP_SIGNAL)
			*a = *stop;
		else
			rf_sys(rt_sigaction, i, NULL, a, 8);
	}
	return 0;
}

/* The mask of signals that are pending for this thread alone, or for the process alone. */
static int read_masks(char *text, size_t size, uint64_t *own, uint64_t *shared)
{
	const char *value;

	if (rf_proc_read("/proc/thread-self/status", text, size) <= 0 ||
	    !(value = rf_proc_value(text, "SigPnd:")))
		return -EIO;
	*own = rf_proc_hex(&value);
	if (!(value = rf_proc_value(text, "ShdPnd:")))
		return -EIO;
	*shared = rf_proc_hex(&value);
	return 0;
}

/*
 * Takes signals out one by one. The kernel gives a thread's own ones first (dequeue_signal), so as
 * long as its own mask has a bit, what comes for that signal was its own.
 */
static int take(struct rf_array *pending, int own_tid)
{
	static const struct timespec at_once;
	char text[2048];
	uint64_t own, shared;
	int r;

	for (int i = 0; i < PENDING_MAX; i++) {
		struct rf_pending *p;
		uint64_t mask, set;
		long got;

		if ((r = read_masks(text, sizeof(text), &own, &shared)))
			return r;
		mask = own_tid ? own : shared;
		if (!mask)
			return 0;
		set = mask & -mask;
		if (!(p = rf_array_add(pending, 1)))
			return -ENOMEM;
		got = rf_sys(rt_sigtimedwait, &set, p->info, &at_once, 8);
		if (got <= 0) {
			pending->count--;
			if (got == -EINTR)
				continue;
			return (int)got;
		}
		p->signal = (int32_t)got;
		p->tid = own_tid;
	}
	return -EAGAIN;
}

static int put_back(const struct rf_array *pending, uint64_t from, int own_tid)
{
	const struct rf_pending *p = (const struct rf_pending *)pending->data;
	long pid = rf_sys(getpid);

	for (uint64_t i = from; i < pending->count; i++) {
		long r = own_tid ? rf_sys(rt_tgsigqueueinfo, pid, own_tid, p[i].signal, p[i].info)
				 : rf_sys(rt_sigqueueinfo, pid, p[i].signal, p[i].info);

		/* only the leader may put back what kill() sent with the sender's pid */
		if (r == -EPERM && !own_tid)
			r = rf_sys(kill, pid, p[i].signal);
		if (rf_sys_failed(r))
			return (int)r;
	}
	return 0;
}

int rf_signals_drain(struct rf_array *pending, int tid)
{
	uint64_t from = pending->count;
	int r = take(pending, tid), back = put_back(pending, from, tid);

	return r ? r : back;
}

int rf_signals_pending(struct rf_array *pending, struct rf_array *text, struct rf_error *err)
{
	int tid = (int)rf_sys(gettid), r;

	(void)text;
	r = rf_signals_drain(pending, tid);
	if (!r)
		r = rf_signals_drain(pending, 0);
	if (r)
		return rf_error_set(err, -r, "cannot read the pending signals of the process");
	return 0;
}

static int add_interval(struct rf_array *timers, int which)
{
	struct itimerval value;
	struct rf_timer *t;

	if (rf_sys_failed(rf_sys(getitimer, which, &value)))
		return 0;
	if (!value.it_value.tv_sec && !value.it_value.tv_usec) {
		/* a periodic one starts anew only when its signal is taken (kernel/time/itimer.c)
		 */
		if (!value.it_interval.tv_sec && !value.it_interval.tv_usec)
			return 0;
		value.it_value = value.it_interval;
	}
	if (!(t = rf_array_add(timers, 1)))
		return -1;
	t->kind = RF_TIMER_INTERVAL;
	t->id = which;
	t->interval_s = value.it_interval.tv_sec;
	t->interval_ns = value.it_interval.tv_usec * 1000;
	t->remaining_s = value.it_value.tv_sec;
	t->remaining_ns = value.it_value.tv_usec * 1000;
	return 0;
}

/* The first number behind `key`, searched from *text on. */
static int64_t after(const char *text, const char *key)
{
	const char *value = rf_proc_value(text, key);

	return value ? rf_proc_decimal(&value) : -1;
}

/* One block of /proc/PID/timers (proc(5)): ID, "signal: N/hex", "notify: KIND/pid.N", ClockID */
static int add_posix(struct rf_array *timers, const char *block)
{
	static const struct {
		const char *text;
		int notify;
	} kinds[] = {{"signal", SIGEV_SIGNAL}, {"none", SIGEV_NONE}, {"thread", SIGEV_THREAD}};
	const char *value = rf_proc_value(block, "signal:");
	struct itimerspec left;
	struct rf_timer *t = rf_array_add(timers, 1);

	if (!t || !value)
		return -1;
	t->kind = RF_TIMER_POSIX;
	t->id = (int32_t)after(block, "ID:");
	t->signal = (int32_t)rf_proc_decimal(&value);
	if (*value++ != '/')
		return -1;
	t->value = rf_proc_hex(&value);
	t->clock = (int32_t)after(block, "ClockID:");
	if (!(value = rf_proc_value(block, "notify:")))
		return -1;
	t->notify = -1;
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strncmp(value, kinds[i].text, strlen(kinds[i].text)))
			t->notify = kinds[i].notify;
	value = strchr(value, '/');
	if (!value || t->notify < 0)
		return -1;
	if (!strncmp(value, "/tid.", 5)) {
		value += 5;
		t->notify |= SIGEV_THREAD_ID;
		t->tid = (int32_t)rf_proc_decimal(&value);
	}
	if (rf_sys_failed(rf_sys(timer_gettime, t->id, &left)))
		return -1;
	t->interval_s = left.it_interval.tv_sec;
	t->interval_ns = left.it_interval.tv_nsec;
	t->remaining_s = left.it_value.tv_sec;
	t->remaining_ns = left.it_value.tv_nsec;
	return 0;
}

int rf_signals_timers(struct rf_array *timers, struct rf_array *text, struct rf_error *err)
{
	const char *block;

	for (int which = ITIMER_REAL; which <= ITIMER_PROF; which++)
		if (add_interval(timers, which))
			return rf_error_set(err, ENOMEM, "no memory for timers");
	if (rf_proc_read("/proc/self/timers", text->data, text->committed) < 0)
		return rf_error_set(err, ENOSYS,
				    "this kernel does not show POSIX timers (/proc/self/timers, "
				    "CONFIG_CHECKPOINT_RESTORE), which an image needs");
	block = text->data;
	while ((block = strstr(block, "ID:"))) {
		if (block == text->data || block[-1] == '\n')
			if (add_posix(timers, block))
				return rf_error_set(err, EIO, "cannot read /proc/self/timers");
		block += 3;
	}
	return 0;
}
