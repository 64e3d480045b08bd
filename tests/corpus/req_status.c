/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A status as a value: set by hand, counted in elements, and turned to Fortran's form and back.
 *
 * corpus: ranks=1
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	MPI_Fint fortran[sizeof(MPI_Status) / sizeof(MPI_Fint) + 8];
	MPI_Status status, back;
	MPI_Datatype pair;
	MPI_Count big;
	int count, flag;

	corpus_init(&argc, &argv);
	MPI_Type_contiguous(3, MPI_INT, &pair);
	MPI_Type_commit(&pair);
	for (long round = 0; round < corpus_rounds; round++) {
		int data[7], in[7];

		corpus_fill(data, 7, 0, round);
		MPI_Sendrecv(data, 7, MPI_INT, 0, 11, in, 3, pair, 0, 11, MPI_COMM_SELF, &status);
		MPI_Get_count(&status, pair, &count);
		CHECK_INT(count, MPI_UNDEFINED); /* two and a third */
		MPI_Get_elements(&status, pair, &count);
		CHECK_INT(count, 7);
		MPI_Get_elements_x(&status, pair, &big);
		CHECK_INT(big, 7);
		MPI_Get_count(&status, MPI_INT, &count);
		CHECK_INT(count, 7);
		MPI_Status_c2f(&status, fortran);
		memset(&back, 0, sizeof(back));
		MPI_Status_f2c(fortran, &back);
		CHECK_INT(back.MPI_SOURCE, 0);
		CHECK_INT(back.MPI_TAG, 11);
		MPI_Get_elements(&back, pair, &count);
		CHECK_INT(count, 7);
		MPI_Status_set_elements(&status, MPI_INT, 5);
		MPI_Get_count(&status, MPI_INT, &count);
		CHECK_INT(count, 5);
		MPI_Status_set_elements_x(&status, MPI_DOUBLE, (MPI_Count)1 << 33);
		MPI_Get_elements_x(&status, MPI_DOUBLE, &big);
		CHECK_INT(big, 1LL << 33);
		MPI_Get_elements(&status, MPI_DOUBLE, &count);
		CHECK_INT(count, MPI_UNDEFINED);
		MPI_Status_set_cancelled(&status, 1);
		MPI_Test_cancelled(&status, &flag);
		CHECK_INT(flag, 1);
		corpus_expect(in, 7, 0, round);
	}
	MPI_Type_free(&pair);
	return corpus_finish();
}
