/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "mpi/poke.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "engine/gate.h"
#include "engine/internal.h"
#include "engine/raw.h"
#include "image/interrupted.h"
#include "wire/step.h"

#define KERNEL_RESTORER 0x04000000ul /* SA_RESTORER, asm/signal.h */

/* struct sigaction as the kernel has it; libc's sigaction() refuses this signal. */
struct action {
	void (*handler)(int, siginfo_t *, void *);
	unsigned long flags;
	void (*restorer)(void);
	uint64_t mask;
};

static struct action before;
static void (*function)(void);
static int installed;

__asm__(".pushsection .text\n"
	".type rf_poke_return, @function\n"
	"rf_poke_return:\n"
	"	mov $15, %eax\n" /* rt_sigreturn */
	"	syscall\n"
	".size rf_poke_return, . - rf_poke_return\n"
	".popsection\n");
extern void rf_poke_return(void) __attribute__((visibility("hidden")));

/*
 * Calls that end with EINTR after any handler, SA_RESTART or not (signal(7)), and were in progress
 * when the signal came. RAX has the result, no longer the number; libc loads it by "mov $N, %eax"
 * shortly before the instruction.
 */
static int64_t interrupted_call(const greg_t *r)
{
	static const short eintr[] = {
		SYS_poll,      SYS_ppoll,	    SYS_select,		 SYS_pselect6,
		SYS_nanosleep, SYS_clock_nanosleep, SYS_epoll_wait,	 SYS_epoll_pwait,
		SYS_pause,     SYS_rt_sigsuspend,   SYS_rt_sigtimedwait, SYS_msgrcv,
		SYS_msgsnd,    SYS_semop,	    SYS_semtimedop,	 SYS_io_getevents,
		SYS_futex,
	};
	const unsigned char *at = (const unsigned char *)r[REG_RIP];

	if (r[REG_RAX] != -EINTR || at[-2] != 0x0f || at[-1] != 0x05)
		return -1;
	for (int back = 7; back < 48; back++) {
		int32_t number;

		if (at[-back] != 0xb8)
			continue;
		memcpy(&number, at - back + 1, sizeof(number));
		for (size_t i = 0; i < sizeof(eintr) / sizeof(eintr[0]); i++)
			if (number == eintr[i])
				return number;
	}
	return -1;
}

/*
 * A sleep that gives the kernel no place for what remains, as usleep()'s, would begin anew with
 * each poke and might never end. The thread has a place for the next one; who called does not look
 * at the argument again.
 */
static void ask_for_rest(int64_t number, greg_t *r)
{
	struct rf_thread *thread = rf_gate_self_any();

	if (!thread)
		return;
	if (number == SYS_nanosleep && !r[REG_RSI])
		r[REG_RSI] = (greg_t)&thread->rest;
	if (number == SYS_clock_nanosleep && !(r[REG_RSI] & TIMER_ABSTIME) && !r[REG_R10])
		r[REG_R10] = (greg_t)&thread->rest;
}

static void make_again(ucontext_t *context)
{
	greg_t *r = context->uc_mcontext.gregs;
	const struct rf_call call = {
		.number = interrupted_call(r),
		.args = {(uint64_t)r[REG_RDI], (uint64_t)r[REG_RSI], (uint64_t)r[REG_RDX],
			 (uint64_t)r[REG_R10], (uint64_t)r[REG_R8], (uint64_t)r[REG_R9]},
		.sp = (uint64_t)r[REG_RSP],
		.pc = (uint64_t)r[REG_RIP],
	};

	if (call.number < 0)
		return;
	rf_call_restart(&call, context);
	if (r[REG_RAX] == call.number)
		ask_for_rest(call.number, r);
}

static void handler(int number, siginfo_t *info, void *context)
{
	int app, saved = 0;

	if (info->si_code != SI_QUEUE || info->si_value.sival_ptr != (void *)RF_POKE_VALUE) {
		if ((unsigned long)before.handler > 1)
			before.handler(number, info, context);
		return;
	}
	/* inside an engine that has a thread block of its own, errno is the engine's */
	app = !rf_gate_inside();
	if (app)
		saved = errno;
	function();
	if (app)
		errno = saved;
	make_again(context);
}

static void *nothing(void *arg)
{
	return arg;
}

int rf_poke_install(void (*poked)(void), struct rf_error *err)
{
	struct action action = {handler, SA_SIGINFO | SA_RESTART | KERNEL_RESTORER, rf_poke_return,
				~0ul};
	pthread_t thread;
	int rc;

	function = poked;
	if (installed)
		return 0;
	/* glibc installs its own handler with the first thread that a program makes */
	rc = pthread_create(&thread, NULL, nothing, NULL);
	if (rc || (rc = pthread_join(thread, NULL)))
		return rf_error_set(err, rc, "a thread cannot be made: %s", strerror(rc));
	if (syscall(SYS_rt_sigaction, RF_POKE_SIGNAL, &action, &before, 8))
		return rf_error_errno(err, "no handler for signal %d", RF_POKE_SIGNAL);
	installed = 1;
	return 0;
}

int rf_poke_installed(void)
{
	return installed;
}

void rf_poke_forward(pid_t tid)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_signo = RF_POKE_SIGNAL;
	info.si_code = SI_QUEUE;
	info.si_value.sival_ptr = (void *)RF_POKE_VALUE;
	rf_raw4(SYS_rt_tgsigqueueinfo, rf_raw3(SYS_getpid, 0, 0, 0), (unsigned long)tid,
		RF_POKE_SIGNAL, (unsigned long)&info);
}
