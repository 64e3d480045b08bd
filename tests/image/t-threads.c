/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
/* Threads in every kind of wait at the moment of the image; none may notice. */
#include "take.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { BUSY, CONDITION, SLEEP, POLL, SELECT, READ, SEMAPHORE, TIMED, ROBUST, KINDS };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER, robust;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER;
static sem_t sem;
static volatile int stop, ready;
static int pipes[KINDS][2];
static __thread long mine;

static void signal_ready(void)
{
	__atomic_add_fetch(&ready, 1, __ATOMIC_SEQ_CST);
}

static int busy(void)
{
	double x = 1;

	while (!stop)
		x = x * 1.0000001 + 1e-9;
	return x > 0;
}

static int condition(void)
{
	pthread_mutex_lock(&lock);
	while (!stop)
		pthread_cond_wait(&wake, &lock);
	pthread_mutex_unlock(&lock);
	return 1;
}

static int sleeping(void)
{
	struct timespec t = {2, 0};

	return nanosleep(&t, NULL) == 0 && sleep(1) == 0;
}

static int polling(void)
{
	struct pollfd p = {pipes[POLL][0], POLLIN, 0};

	return poll(&p, 1, -1) == 1 && p.revents == POLLIN;
}

static int selecting(void)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(pipes[SELECT][0], &set);
	return select(pipes[SELECT][0] + 1, &set, NULL, NULL, NULL) == 1;
}

static int reading(void)
{
	char c;

	return read(pipes[READ][0], &c, 1) == 1 && c == 'x';
}

static int on_semaphore(void)
{
	return sem_wait(&sem) == 0;
}

static int timed(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_sec += 600;
	return sem_timedwait(&sem, &t) == 0;
}

/* The owner of a robust mutex has a new tid afterwards, and must still be its owner. */
static int robust_owner(void)
{
	int ok = pthread_mutex_lock(&robust) == 0;

	while (!stop)
		usleep(1000);
	return ok && pthread_mutex_lock(&robust) == EDEADLK && pthread_mutex_unlock(&robust) == 0 &&
	       pthread_mutex_trylock(&robust) == 0 && pthread_mutex_unlock(&robust) == 0;
}

static int (*const work[KINDS])(void) = {busy,	  condition,	sleeping, polling,     selecting,
					 reading, on_semaphore, timed,	  robust_owner};

static void *run(void *arg)
{
	long kind = (long)arg;
	char name[16];

	mine = kind * 1000 + 7;
	snprintf(name, sizeof(name), "kind%ld", kind);
	pthread_setname_np(pthread_self(), name);
	signal_ready();
	if (!work[kind]()) {
		fprintf(stderr, "thread of kind %ld saw something\n", kind);
		return (void *)1L;
	}
	memset(name, 0, sizeof(name));
	pthread_getname_np(pthread_self(), name, sizeof(name));
	return (void *)(long)(mine != kind * 1000 + 7 || strncmp(name, "kind", 4) ||
			      atoi(name + 4) != kind);
}

static void *nothing(void *arg)
{
	return arg;
}

int main(int argc, char **argv)
{
	pthread_t thread[KINDS], later;
	pthread_mutexattr_t attr;
	int again;

	take_init(argc, argv);
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK);
	pthread_mutex_init(&robust, &attr);
	sem_init(&sem, 0, 0);
	for (long i = 0; i < KINDS; i++) {
		CHECK(pipe(pipes[i]) == 0);
		CHECK(pthread_create(&thread[i], NULL, run, (void *)i) == 0);
	}
	while (ready < KINDS)
		usleep(1000);
	usleep(100000);
	again = take();
	usleep(100000);
	stop = 1;
	pthread_cond_broadcast(&wake);
	for (int i = 0; i < KINDS; i++)
		CHECK(write(pipes[i][1], "x", 1) == 1);
	sem_post(&sem);
	sem_post(&sem);
	for (long i = 0; i < KINDS; i++) {
		void *result;

		CHECK(pthread_join(thread[i], &result) == 0);
		CHECK(result == NULL);
	}
	CHECK(pthread_create(&later, NULL, nothing, NULL) == 0 && pthread_join(later, NULL) == 0);
	CHECK(pthread_kill(pthread_self(), 0) == 0);
	printf("%s\n", again ? "restored" : "original");
	return 0;
}
