/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every predefined operation on every kind of type that it is defined for, against a plain loop.
 *
 * corpus: ranks=1,3
 */
#include "corpus.h"

#define CHECK_OPS(mpi, type, of)                                                                   \
	do {                                                                                       \
		for (int o = 0; o < 4; o++) {                                                      \
			MPI_Op op = (MPI_Op[]){MPI_SUM, MPI_PROD, MPI_MAX, MPI_MIN}[o];            \
			type mine = (type)of(corpus_rank), got = 0, want = (type)of(0);            \
			for (int r = 1; r < corpus_size; r++) {                                    \
				type v = (type)of(r);                                              \
				want = o == 0	? (type)(want + v)                                 \
				       : o == 1 ? (type)(want * v)                                 \
				       : o == 2 ? (v > want ? v : want)                            \
						: (v < want ? v : want);                           \
			}                                                                          \
			MPI_Allreduce(&mine, &got, 1, mpi, op, MPI_COMM_WORLD);                    \
			CHECK(got == want);                                                        \
			corpus_add_int((long long)got);                                            \
		}                                                                                  \
	} while (0)

#define CHECK_BITS(mpi, type)                                                                      \
	do {                                                                                       \
		for (int o = 0; o < 6; o++) {                                                      \
			MPI_Op op = (MPI_Op[]){MPI_BAND, MPI_BOR, MPI_BXOR,                        \
					       MPI_LAND, MPI_LOR, MPI_LXOR}[o];                    \
			type mine = (type)whole(corpus_rank), got = 0, want = (type)whole(0);      \
			for (int r = 1; r < corpus_size; r++) {                                    \
				type v = (type)whole(r);                                           \
				want = (type)(o == 0   ? want & v                                  \
					      : o == 1 ? want | v                                  \
					      : o == 2 ? want ^ v                                  \
					      : o == 3 ? want && v                                 \
					      : o == 4 ? want || v                                 \
						       : !want != !v);                             \
			}                                                                          \
			MPI_Allreduce(&mine, &got, 1, mpi, op, MPI_COMM_WORLD);                    \
			CHECK(corpus_size == 1 && o >= 3 ? got == mine : got == want);             \
			corpus_add_int((long long)got);                                            \
		}                                                                                  \
	} while (0)

static long whole_round;

static int whole(int rank)
{
	return 1 + corpus_value(rank, whole_round, 0) % 5;
}

static double real(int rank)
{
	return 0.25 * whole(rank);
}

int main(int argc, char **argv)
{
	corpus_init(&argc, &argv);
	for (whole_round = 0; whole_round < corpus_rounds; whole_round++) {
		CHECK_OPS(MPI_SIGNED_CHAR, signed char, whole);
		CHECK_OPS(MPI_SHORT, short, whole);
		CHECK_OPS(MPI_INT, int, whole);
		CHECK_OPS(MPI_LONG, long, whole);
		CHECK_OPS(MPI_UNSIGNED_LONG_LONG, unsigned long long, whole);
		CHECK_OPS(MPI_UINT8_T, uint8_t, whole);
		CHECK_OPS(MPI_INT64_T, int64_t, whole);
		CHECK_OPS(MPI_FLOAT, float, real);
		CHECK_OPS(MPI_DOUBLE, double, real);
		CHECK_OPS(MPI_LONG_DOUBLE, long double, real);
		CHECK_OPS(MPI_INTEGER, int, whole);
		CHECK_OPS(MPI_DOUBLE_PRECISION, double, real);
		CHECK_OPS(MPI_AINT, MPI_Aint, whole);
		CHECK_BITS(MPI_UNSIGNED_CHAR, unsigned char);
		CHECK_BITS(MPI_UNSIGNED_SHORT, unsigned short);
		CHECK_BITS(MPI_INT, int);
		CHECK_BITS(MPI_UINT64_T, uint64_t);
	}
	return corpus_finish();
}
