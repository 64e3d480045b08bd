/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
/* Signal actions, masks, alternate stacks, pending signals with their data, and timers. */
#include "take.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t got_usr1, got_alarm, got_timer, timer_value, on_alt, got_quit;
static volatile int queued[4], queued_count, private_got, ready, stop;
static char alt[65536];

static void on_usr1(int n)
{
	char here;

	got_usr1 += n == SIGUSR1;
	on_alt = &here >= alt && &here < alt + sizeof(alt);
}

static void on_alarm(int n)
{
	got_alarm += n == SIGALRM;
}

static void on_timer(int n, siginfo_t *info, void *context)
{
	(void)n;
	(void)context;
	got_timer++;
	timer_value = info->si_value.sival_int;
}

static void on_queued(int n, siginfo_t *info, void *context)
{
	(void)n;
	(void)context;
	if (queued_count < 4)
		queued[queued_count++] = info->si_value.sival_int;
}

static void on_private(int n)
{
	private_got += n == SIGUSR2;
}

static void on_quit(int n)
{
	got_quit += n == SIGQUIT;
}

static void on_event(union sigval value)
{
	__atomic_add_fetch((int *)value.sival_ptr, 1, __ATOMIC_SEQ_CST);
}

/* A signal that is pending for this thread alone must be delivered to it after the restore. */
static void *other(void *arg)
{
	sigset_t set;

	(void)arg;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	pthread_kill(pthread_self(), SIGUSR2);
	ready = 1;
	while (!stop)
		usleep(1000);
	if (private_got)
		return (void *)1L;
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	return (void *)(long)(private_got != 1);
}

static void action(int n, void (*handler)(int), void (*info)(int, siginfo_t *, void *), int flags)
{
	struct sigaction a = {0};

	if (info) {
		a.sa_sigaction = info;
		flags |= SA_SIGINFO;
	} else
		a.sa_handler = handler;
	a.sa_flags = flags;
	sigaction(n, &a, NULL);
}

int main(int argc, char **argv)
{
	stack_t stack = {.ss_sp = alt, .ss_size = sizeof(alt)}, now;
	struct itimerval interval = {{0, 20000}, {0, 20000}};
	struct itimerspec spec = {{0, 20000000}, {0, 20000000}}, far = {{0, 0}, {1000, 0}}, left;
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 3};
	struct sigevent call = {.sigev_notify = SIGEV_THREAD};
	int events = 0, seen, again;
	sigset_t block, old;
	timer_t gone, timer, quiet, thread_timer;
	pthread_t thread;
	void *result;

	take_init(argc, argv);
	sigaltstack(&stack, NULL);
	action(SIGUSR1, on_usr1, NULL, SA_ONSTACK | SA_RESTART);
	action(SIGALRM, on_alarm, NULL, SA_RESTART);
	action(SIGUSR2, on_private, NULL, 0);
	action(SIGQUIT, on_quit, NULL, 0);
	action(SIGRTMIN + 3, NULL, on_timer, SA_RESTART);
	action(SIGRTMIN + 4, NULL, on_queued, 0);
	action(SIGPIPE, SIG_IGN, NULL, 0);
	sigemptyset(&block);
	sigaddset(&block, SIGRTMIN + 4);
	sigaddset(&block, SIGQUIT);
	sigprocmask(SIG_BLOCK, &block, &old);
	for (int i = 1; i <= 3; i++)
		sigqueue(getpid(), SIGRTMIN + 4, (union sigval){.sival_int = i * 11});
	kill(getpid(), SIGQUIT);
	CHECK(pthread_create(&thread, NULL, other, NULL) == 0);
	while (!ready)
		usleep(1000);
	event.sigev_value.sival_int = 4711;
	CHECK(timer_create(CLOCK_MONOTONIC, &event, &gone) == 0);
	CHECK(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
	CHECK(timer_create(CLOCK_REALTIME, &event, &quiet) == 0);
	timer_delete(gone); /* leaves a hole in the ids */
	timer_settime(timer, 0, &spec, NULL);
	timer_settime(quiet, 0, &far, NULL);
	call.sigev_notify_function = on_event;
	call.sigev_value.sival_ptr = &events;
	CHECK(timer_create(CLOCK_MONOTONIC, &call, &thread_timer) == 0);
	timer_settime(thread_timer, 0, &spec, NULL);
	setitimer(ITIMER_REAL, &interval, NULL);
	again = take();
	CHECK(queued_count == 0 && got_quit == 0);
	sigprocmask(SIG_SETMASK, &old, NULL);
	CHECK(queued_count == 3 && queued[0] == 11 && queued[1] == 22 && queued[2] == 33);
	CHECK(got_quit == 1);
	seen = got_alarm;
	got_timer = 0;
	events = 0;
	for (int i = 0; i < 500 && (got_alarm - seen < 3 || got_timer < 3 || events < 3); i++)
		usleep(10000);
	CHECK(got_alarm - seen >= 3);
	CHECK(got_timer >= 3 && timer_value == 4711);
	CHECK(events >= 3);
	CHECK(timer_gettime(quiet, &left) == 0 && left.it_value.tv_sec > 900);
	CHECK(timer_delete(timer) == 0 && timer_delete(quiet) == 0 &&
	      timer_delete(thread_timer) == 0);
	interval.it_value.tv_usec = 0;
	setitimer(ITIMER_REAL, &interval, NULL);
	raise(SIGUSR1);
	CHECK(got_usr1 == 1 && on_alt);
	CHECK(sigaltstack(NULL, &now) == 0 && now.ss_sp == alt && now.ss_size == sizeof(alt));
	raise(SIGPIPE);
	stop = 1;
	CHECK(pthread_join(thread, &result) == 0 && result == NULL);
	printf("%s\n", again ? "restored" : "original");
	return 0;
}
