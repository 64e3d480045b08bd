/* SPDX-License-Identifier: BSD-3-Clause */
/* An OpenMP program: the team is idle or at work in a task when the image is taken. */
#include "take.h"

#include <omp.h>
#include <stdio.h>

/* Added up in the order of the threads: a reduction would add in the order in which they finish. */
static double part(int n)
{
	double partial[4] = {0}, s = 0;

#pragma omp parallel
	{
		int me = omp_get_thread_num();

#pragma omp for schedule(static)
		for (int i = 1; i <= n; i++)
			partial[me] += 1.0 / i;
	}
	for (int i = 0; i < 4; i++)
		s += partial[i];
	return s;
}

int main(int argc, char **argv)
{
	double before, after;
	int again = 0, members = 0;

	take_init(argc, argv);
	omp_set_num_threads(4);
	before = part(1000000);
	again = take();
	after = part(1000000);
	CHECK(before == after);
#pragma omp parallel
	{
		double x = omp_get_thread_num() + 1;

		for (int i = 0; i < 20000000 && omp_get_thread_num(); i++)
			x = x * 1.0000001;
#pragma omp master
		again += take();
#pragma omp atomic
		members++;
		CHECK(x >= 1);
	}
	CHECK(members == 4);
	printf("%.17g\n%s\n", after, again ? "restored" : "original");
	return 0;
}
