/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "mpi/engine_sleep.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

/* A thread that waits for a completion, on its stack. */
struct sleeper {
	struct sleeper *next, **link;
	pthread_cond_t *cond;
};

static const int *wanted;
static int (*turn)(void);
static struct sleeper *first;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of the list */

void rf_sleep_instead(const int *flag, int (*function)(void))
{
	turn = function;
	wanted = flag;
}

void rf_sleep_wake(void)
{
	pthread_mutex_lock(&lock);
	for (struct sleeper *s = first; s; s = s->next)
		pthread_cond_broadcast(s->cond);
	pthread_mutex_unlock(&lock);
}

static void enlist(struct sleeper *self)
{
	pthread_mutex_lock(&lock);
	self->next = first;
	self->link = &first;
	if (first)
		first->link = &self->next;
	first = self;
	pthread_mutex_unlock(&lock);
}

static void leave(void *arg)
{
	struct sleeper *self = arg;

	pthread_mutex_lock(&lock);
	*self->link = self->next;
	if (self->next)
		self->next->link = self->link;
	pthread_mutex_unlock(&lock);
}

static int wait(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
	static int (*real)(pthread_cond_t *, pthread_mutex_t *);

	if (!real)
		real = (__typeof__(real))dlsym(RTLD_NEXT, "pthread_cond_wait");
	return real(cond, mutex);
}

static int sleeps(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
	struct sleeper self = {.cond = cond};
	int rc;

	enlist(&self);
	pthread_cleanup_push(leave, &self);
	rc = wait(cond, mutex);
	pthread_cleanup_pop(1);
	return rc;
}

/* Is it Open MPI's wait for a completion? Its condition and lock are members of one object. */
static int is_completion(const pthread_cond_t *cond, const pthread_mutex_t *mutex)
{
	return (const char *)mutex == (const char *)(cond + 1);
}

/*
 * The engine's libraries call this one, as the program comes first in their scope. To wake early is
 * always allowed: the caller looks after what it waits for, and calls again.
 */
int pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
	if (!is_completion(cond, mutex))
		return wait(cond, mutex);
	if (!wanted || !__atomic_load_n(wanted, __ATOMIC_ACQUIRE))
		return sleeps(cond, mutex);
	pthread_mutex_unlock(mutex);
	turn();
	pthread_mutex_lock(mutex);
	return 0;
}
