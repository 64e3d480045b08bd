/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "mpi/poke.h"
#include "util/clock.h"

#define NAP_MS	   30
#define BETWEEN_MS 5
#define PATIENCE_MS                                                                                \
	2000 /* the pokes end then, so that a sleep that begins anew each time ends too */

static atomic_int pokes, over;

static void poked(void)
{
	pokes++;
}

static void *poke(void *tid)
{
	const struct timespec between = {0, BETWEEN_MS * 1000000};
	int64_t end = rf_clock_ms() + PATIENCE_MS;

	while (!over && rf_clock_ms() < end) {
		rf_poke_forward(*(pid_t *)tid);
		nanosleep(&between, NULL);
	}
	return NULL;
}

static const struct timespec nap = {0, NAP_MS * 1000000};

static int by_usleep(void)
{
	return usleep(NAP_MS * 1000);
}

static int by_nanosleep(void)
{
	return nanosleep(&nap, NULL);
}

static int with_rest(void)
{
	struct timespec rest;

	return nanosleep(&nap, &rest);
}

static int by_clock(void)
{
	return clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, NULL);
}

static int until(void)
{
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_nsec += nap.tv_nsec;
	end.tv_sec += end.tv_nsec / 1000000000;
	end.tv_nsec %= 1000000000;
	return clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL);
}

/* How long it was asleep, with pokes meanwhile, in ms; -1: a busy machine has not poked it. */
static int sleep_poked(int (*sleep)(void))
{
	int64_t began = rf_clock_ms();

	pokes = 0;
	CU_ASSERT_EQUAL(sleep(), 0);
	return pokes > 1 ? (int)(rf_clock_ms() - began) : -1;
}

static void test_sleeps(void)
{
	int (*const sleeps[])(void) = {by_usleep, by_nanosleep, with_rest, by_clock, until};
	pid_t self = gettid();
	struct rf_error err;
	pthread_t thread;

	CU_ASSERT_EQUAL_FATAL(rf_poke_install(poked, &err), 0);
	for (size_t i = 0; i < sizeof(sleeps) / sizeof(*sleeps); i++) {
		int ms = -1;

		over = 0;
		CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, poke, &self), 0);
		for (int tries = 0; ms < 0 && tries < PATIENCE_MS / NAP_MS; tries++)
			ms = sleep_poked(sleeps[i]);
		over = 1;
		pthread_join(thread, NULL);
		CU_ASSERT(ms >= NAP_MS - 1);
		CU_ASSERT(ms < PATIENCE_MS / 2);
		if (ms < NAP_MS - 1 || ms >= PATIENCE_MS / 2)
			printf("# sleep %zu lasted %d ms\n", i, ms);
	}
}

static const struct unit_test tests[] = {
	{"a sleep that is poked more often than it is long ends in time", test_sleeps},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("poke", tests);
}
