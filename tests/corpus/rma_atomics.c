/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Fetch_and_op hands out tickets; MPI_Get_accumulate multiplies; MPI_NO_OP reads.
 *
 * corpus: ranks=1,2,4
 * corpus: refused-while=a window|windows|osc_rdma
 */
#include "corpus.h"

enum { TICKETS = 60 };

int main(int argc, char **argv)
{
	long *base, one = 1, ticket, sum, total, old, mine;
	MPI_Win win;

	corpus_init(&argc, &argv);
	mine = corpus_rank + 2;
	MPI_Win_allocate(2 * sizeof(long), sizeof(long), MPI_INFO_NULL, MPI_COMM_WORLD, &base,
			 &win);
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Win_lock(MPI_LOCK_EXCLUSIVE, corpus_rank, 0, win);
		base[0] = 0;
		base[1] = 1;
		MPI_Win_unlock(corpus_rank, win);
		MPI_Barrier(MPI_COMM_WORLD);
		MPI_Win_lock_all(0, win);
		sum = 0;
		for (int i = 0; i < TICKETS; i++) {
			MPI_Fetch_and_op(&one, &ticket, MPI_LONG, 0, 0, MPI_SUM, win);
			MPI_Win_flush(0, win);
			CHECK(ticket >= 0 && ticket < (long)TICKETS * corpus_size);
			sum += ticket;
		}
		MPI_Get_accumulate(&mine, 1, MPI_LONG, &old, 1, MPI_LONG, 0, 1, 1, MPI_LONG,
				   MPI_PROD, win);
		MPI_Win_unlock_all(win);
		MPI_Allreduce(&sum, &total, 1, MPI_LONG, MPI_SUM, MPI_COMM_WORLD);
		long all = (long)TICKETS * corpus_size, product = 1;
		CHECK_INT(total, all * (all - 1) / 2); /* every ticket went out once */
		MPI_Win_lock(MPI_LOCK_SHARED, 0, 0, win);
		MPI_Fetch_and_op(NULL, &total, MPI_LONG, 0, 0, MPI_NO_OP, win);
		MPI_Get_accumulate(NULL, 0, MPI_LONG, &sum, 1, MPI_LONG, 0, 1, 1, MPI_LONG,
				   MPI_NO_OP, win);
		MPI_Win_unlock(0, win);
		for (int r = 0; r < corpus_size; r++)
			product *= r + 2;
		CHECK_INT(total, all);
		CHECK_INT(sum, product);
		corpus_add_int(total + sum);
		MPI_Barrier(MPI_COMM_WORLD);
	}
	MPI_Win_free(&win);
	return corpus_finish();
}
