/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "engine/signals.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>

#include "engine/gate.h"
#include "engine/internal.h"
#include "engine/mode.h"

typedef void siginfo_handler(int sig, siginfo_t *info, void *context);

/* What the application has installed, as it believes; valid while the kernel has wrapper(). */
static struct {
	siginfo_handler *handler;
	int siginfo; /* had SA_SIGINFO */
} table[_NSIG];

/* libc's own; exported under this name, and async-signal-safe as sigaction() must be. */
extern int __sigaction(int sig, const struct sigaction *new, struct sigaction *old);

static int needed(void)
{
	return rf_gate_mode() == RF_GATE_FSGSBASE || rf_gate_mode() == RF_GATE_ARCH_PRCTL;
}

/* A handler without SA_SIGINFO does not look at the two other arguments. */
static void wrapper(int sig, siginfo_t *info, void *context)
{
	unsigned long fs;

	__asm__ volatile("mov %%fs:0,%0" : "=r"(fs));
	if (fs - RF_WINDOW_BASE < RF_WINDOW_ALL) {
		struct rf_thread *t = rf_gate_self_any();

		if (!t) /* a thread of the engine's own; all signals are blocked there */
			return;
		rf_gate_set_fs(t->app_fs);
		table[sig].handler(sig, info, context);
		rf_gate_set_fs(fs);
	} else {
		table[sig].handler(sig, info, context);
	}
}

static int is_function(const struct sigaction *sa)
{
	return sa->sa_handler != SIG_DFL && sa->sa_handler != SIG_IGN;
}

int sigaction(int sig, const struct sigaction *new, struct sigaction *old)
{
	siginfo_handler *handler;
	struct sigaction sa;
	int siginfo, ret;

	if (!needed() || sig < 1 || sig >= _NSIG)
		return __sigaction(sig, new, old);
	handler = table[sig].handler;
	siginfo = table[sig].siginfo;
	if (new &&is_function(new)) {
		sa = *new;
		table[sig].handler = new->sa_sigaction;
		table[sig].siginfo = (new->sa_flags &SA_SIGINFO) != 0;
		sa.sa_sigaction = wrapper;
		sa.sa_flags |= SA_SIGINFO;
		ret = __sigaction(sig, &sa, old);
		if (ret) {
			table[sig].handler = handler;
			table[sig].siginfo = siginfo;
		}
	} else {
		ret = __sigaction(sig, new, old);
	}
	if (!ret && old && old->sa_sigaction == wrapper) {
		old->sa_sigaction = handler;
		if (!siginfo)
			old->sa_flags &= ~SA_SIGINFO;
	}
	return ret;
}

/* Wraps what is installed for one signal. It is blocked meanwhile. */
static void wrap(int sig)
{
	struct sigaction sa;
	sigset_t one, mask;

	sigemptyset(&one);
	sigaddset(&one, sig);
	pthread_sigmask(SIG_BLOCK, &one, &mask);
	if (!__sigaction(sig, NULL, &sa) && is_function(&sa) && sa.sa_sigaction != wrapper)
		sigaction(sig, &sa, NULL);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
}

void rf_signals_wrap(void)
{
	int sig;

	if (!needed())
		return;
	for (sig = 1; sig < _NSIG; sig++)
		wrap(sig);
}

/*
 * The older interfaces, by their flags in glibc (signal/sysv_signal.c, sysdeps/posix/signal.c; what
 * siginterrupt() was told before is not known here).
 */
static sighandler_t older(const char *name, int sig, sighandler_t handler, int flags)
{
	struct sigaction sa = {.sa_handler = handler, .sa_flags = flags}, old;
	sighandler_t (*libc)(int, sighandler_t);

	if (!needed()) {
		libc = (__typeof__(libc))dlsym(RTLD_NEXT, name);
		return libc ? libc(sig, handler) : SIG_ERR;
	}
	if (!(flags & SA_NODEFER) && sigaddset(&sa.sa_mask, sig))
		return SIG_ERR;
	return sigaction(sig, &sa, &old) ? SIG_ERR : old.sa_handler;
}

#define OLDER(name, flags)                                                                         \
	sighandler_t name(int sig, sighandler_t handler);                                          \
	sighandler_t name(int sig, sighandler_t handler)                                           \
	{                                                                                          \
		return older(#name, sig, handler, flags);                                          \
	}

OLDER(signal, SA_RESTART)
OLDER(bsd_signal, SA_RESTART)
OLDER(ssignal, SA_RESTART)
OLDER(sysv_signal, (int)SA_RESETHAND | SA_NODEFER)
OLDER(__sysv_signal, (int)SA_RESETHAND | SA_NODEFER)
