/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The floating-point environment is the program's: rounding, sticky flags and a trapping mask stay
 * as they are over MPI calls, and wide vector registers keep their values.
 *
 * corpus: ranks=2
 * corpus: libs=-lm
 */
#include "corpus.h"
#include <fenv.h>

typedef double vector __attribute__((vector_size(32)));

int main(int argc, char **argv)
{
	volatile double one = 1, three = 3;
	const int modes[4] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
	double third, sum;
	vector v = {1, 2, 3, 4};

	corpus_init(&argc, &argv);
	for (long round = 0; round < corpus_rounds * 4; round++) {
		fesetround(modes[round % 4]);
		feclearexcept(FE_ALL_EXCEPT);
		feraiseexcept(FE_DIVBYZERO);
		third = one / three;
		corpus_add(&third, sizeof(third));
		MPI_Allreduce(&third, &sum, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
		CHECK_INT(fegetround(), modes[round % 4]);
		CHECK(fetestexcept(FE_DIVBYZERO));
		CHECK(!fetestexcept(FE_OVERFLOW));
		CHECK(sum == third && one / three == third);
		v = v * 2.0 + 1.0;
		MPI_Barrier(MPI_COMM_WORLD);
		v = (v - 1.0) * 0.5;
		CHECK(v[0] == 1 && v[3] == 4);
	}
	fesetround(FE_TONEAREST);
	return corpus_finish();
}
