/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_MAXLOC and MPI_MINLOC with all pair types, ties broken by the lower index; complex sums;
 * bools.
 *
 * corpus: ranks=1,2,4
 */
#include "corpus.h"
#include <complex.h>
#include <stdbool.h>

#define CHECK_LOC(mpi, type)                                                                       \
	do {                                                                                       \
		struct {                                                                           \
			type value;                                                                \
			int place;                                                                 \
		} mine, low, high;                                                                 \
		memset(&mine, 0, sizeof(mine));                                                    \
		mine.value = (type)value_of(corpus_rank, round);                                   \
		mine.place = corpus_rank;                                                          \
		MPI_Allreduce(&mine, &low, 1, mpi, MPI_MINLOC, MPI_COMM_WORLD);                    \
		MPI_Allreduce(&mine, &high, 1, mpi, MPI_MAXLOC, MPI_COMM_WORLD);                   \
		int l = 0, h = 0;                                                                  \
		for (int r = 1; r < corpus_size; r++) {                                            \
			if (value_of(r, round) < value_of(l, round))                               \
				l = r;                                                             \
			if (value_of(r, round) > value_of(h, round))                               \
				h = r;                                                             \
		}                                                                                  \
		CHECK_INT(low.place, l);                                                           \
		CHECK_INT(high.place, h);                                                          \
		CHECK(low.value == (type)value_of(l, round));                                      \
		CHECK(high.value == (type)value_of(h, round));                                     \
		corpus_add_int(low.place * 10 + high.place);                                       \
	} while (0)

static int value_of(int rank, long round)
{
	return corpus_value(rank, round, 0) % 3; /* ties are common */
}

int main(int argc, char **argv)
{
	corpus_init(&argc, &argv);
	for (long round = 0; round < corpus_rounds * 5; round++) {
		CHECK_LOC(MPI_2INT, int);
		CHECK_LOC(MPI_FLOAT_INT, float);
		CHECK_LOC(MPI_DOUBLE_INT, double);
		CHECK_LOC(MPI_LONG_INT, long);
		CHECK_LOC(MPI_SHORT_INT, short);
		CHECK_LOC(MPI_LONG_DOUBLE_INT, long double);
		double complex z = corpus_rank + 1 + 2.0 * I, sum, product;
		MPI_Allreduce(&z, &sum, 1, MPI_C_DOUBLE_COMPLEX, MPI_SUM, MPI_COMM_WORLD);
		MPI_Allreduce(&z, &product, 1, MPI_C_DOUBLE_COMPLEX, MPI_PROD, MPI_COMM_WORLD);
		CHECK(creal(sum) == corpus_size * (corpus_size + 1) / 2.0 &&
		      cimag(sum) == 2.0 * corpus_size);
		corpus_add(&product, sizeof(product));
		bool any, all, last = corpus_rank == corpus_size - 1;
		MPI_Allreduce(&last, &any, 1, MPI_C_BOOL, MPI_LOR, MPI_COMM_WORLD);
		MPI_Allreduce(&last, &all, 1, MPI_C_BOOL, MPI_LAND, MPI_COMM_WORLD);
		CHECK(any && all == (corpus_size == 1));
	}
	return corpus_finish();
}
