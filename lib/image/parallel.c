/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "image/parallel.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#define THREADS_MAX 8
#define STEPS_MIN   16 /* fewer are not worth a thread */

struct loop {
	rf_step_fn step;
	void *arg;
	size_t buf_bytes;
	uint64_t n, next;
	int failed;
	struct rf_error err; /* of the first failure */
	pthread_mutex_t lock;
};

static void *work(void *arg)
{
	struct loop *l = arg;
	struct rf_error err;
	char *buf = malloc(l->buf_bytes + 1);
	uint64_t i;

	while (buf && !__atomic_load_n(&l->failed, __ATOMIC_RELAXED) &&
	       (i = __atomic_fetch_add(&l->next, 1, __ATOMIC_RELAXED)) < l->n)
		if (l->step(l->arg, i, buf, &err)) {
			pthread_mutex_lock(&l->lock);
			if (!l->failed)
				l->err = err;
			__atomic_store_n(&l->failed, 1, __ATOMIC_RELAXED);
			pthread_mutex_unlock(&l->lock);
		}
	free(buf);
	return NULL;
}

int rf_parallel(uint64_t n, rf_step_fn step, void *arg, size_t buf_bytes, struct rf_error *err)
{
	struct loop l = {.step = step,
			 .arg = arg,
			 .buf_bytes = buf_bytes,
			 .n = n,
			 .lock = PTHREAD_MUTEX_INITIALIZER};
	pthread_t thread[THREADS_MAX];
	cpu_set_t cpus;
	int started = 0, want;

	want = sched_getaffinity(0, sizeof(cpus), &cpus) ? 1 : CPU_COUNT(&cpus);
	want = want > THREADS_MAX ? THREADS_MAX : want;
	if (n < STEPS_MIN)
		want = 1;
	while (started < want - 1 && pthread_create(&thread[started], NULL, work, &l) == 0)
		started++;
	work(&l);
	while (started)
		pthread_join(thread[--started], NULL);
	if (l.failed && err)
		*err = l.err;
	if (!l.failed && l.next < n)
		return rf_error_set(err, ENOMEM, "no memory to read pages");
	return l.failed ? -1 : 0;
}
