/* SPDX-License-Identifier: BSD-3-Clause */
/* Images while other threads are in malloc, stdio, and start and end all the time. */
#include "take.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORKERS 4

static volatile int stop;
static long rounds[WORKERS];

static void *allocate(void *arg)
{
	long id = (long)arg;
	unsigned seed = (unsigned)id * 77 + 1;
	char *block[64] = {0};

	while (!stop) {
		int i = rand_r(&seed) % 64;
		size_t n = (size_t)(rand_r(&seed) % 200000) + 1;

		if (block[i])
			CHECK(block[i][0] == (char)id);
		free(block[i]);
		block[i] = malloc(n);
		memset(block[i], (int)id, n);
		rounds[id]++;
	}
	for (int i = 0; i < 64; i++)
		free(block[i]);
	return NULL;
}

static void *nothing(void *arg)
{
	char *p = malloc(100);

	p[0] = 1;
	free(p);
	return arg;
}

static void *spawn(void *arg)
{
	FILE *null = fopen("/dev/null", "w");

	while (!stop) {
		pthread_t t;

		if (pthread_create(&t, NULL, nothing, NULL) == 0)
			pthread_join(t, NULL);
		fprintf(null, "%p %d\n", arg, 1);
		rounds[(long)arg]++;
	}
	fclose(null);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread[WORKERS];
	int again = 0;

	take_init(argc, argv);
	for (long i = 0; i < WORKERS; i++)
		CHECK(pthread_create(&thread[i], NULL, i ? allocate : spawn, (void *)i) == 0);
	for (int i = 0; i < 8; i++) {
		long before[WORKERS];

		usleep(20000);
		again |= take();
		memcpy(before, rounds, sizeof(before));
		for (int k = 0; k < WORKERS; k++)
			for (int n = 0; n < 1000 && rounds[k] == before[k]; n++)
				usleep(10000);
		for (int k = 0; k < WORKERS; k++)
			CHECK(rounds[k] > before[k]);
	}
	stop = 1;
	for (int i = 0; i < WORKERS; i++)
		CHECK(pthread_join(thread[i], NULL) == 0);
	printf("%s\n", again ? "restored" : "original");
	return 0;
}
