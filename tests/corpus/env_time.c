/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Wtime never goes back and agrees with the clock; MPI_Wtick is sensible.
 *
 * corpus: ranks=1,2
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	double last, now, tick;
	int flag, *global;

	corpus_init(&argc, &argv);
	tick = MPI_Wtick();
	CHECK(tick > 0 && tick <= 0.01);
	MPI_Comm_get_attr(MPI_COMM_WORLD, MPI_WTIME_IS_GLOBAL, &global, &flag);
	CHECK(!flag || *global == 0 || *global == 1);
	last = MPI_Wtime();
	for (long i = 0; i < corpus_rounds * 20000; i++) {
		now = MPI_Wtime();
		CHECK(now >= last);
		last = now;
	}
	usleep(20000);
	now = MPI_Wtime();
	CHECK(now - last >= 0.019 && now - last < 10);
	corpus_add_int(flag * 10 + *global);
	return corpus_finish();
}
