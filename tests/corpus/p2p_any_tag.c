/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tags from 0 to MPI_TAG_UB, received out of order by name and then in order by MPI_ANY_TAG.
 *
 * corpus: ranks=2
 */
#include "corpus.h"

enum { TAGS = 12 };

int main(int argc, char **argv)
{
	int tags[TAGS], value, flag, *upper;
	MPI_Status status;

	corpus_init(&argc, &argv);
	CHECK_INT(MPI_Comm_get_attr(MPI_COMM_WORLD, MPI_TAG_UB, &upper, &flag), MPI_SUCCESS);
	CHECK_INT(flag, 1);
	CHECK(*upper >= 32767);
	for (int t = 0; t < TAGS; t++)
		tags[t] = t == TAGS - 1 ? *upper : t * 2500;
	for (long round = 0; round < corpus_rounds; round++) {
		if (corpus_rank == 0) {
			for (int t = 0; t < TAGS; t++) {
				value = corpus_value(t, round, 0);
				MPI_Send(&value, 1, MPI_INT, 1, tags[t], MPI_COMM_WORLD);
			}
			MPI_Recv(&value, 1, MPI_INT, 1, 0, MPI_COMM_WORLD, &status);
			continue;
		}
		for (int t = TAGS - 1; t > 0; t -= 2) {
			MPI_Recv(&value, 1, MPI_INT, 0, tags[t], MPI_COMM_WORLD, &status);
			CHECK_INT(value, corpus_value(t, round, 0));
		}
		for (int t = 0; t < TAGS; t += 2) {
			MPI_Recv(&value, 1, MPI_INT, 0, MPI_ANY_TAG, MPI_COMM_WORLD, &status);
			CHECK_INT(status.MPI_TAG, tags[t]);
			CHECK_INT(value, corpus_value(t, round, 0));
			corpus_add_int(value);
		}
		MPI_Send(&value, 1, MPI_INT, 0, 0, MPI_COMM_WORLD);
	}
	return corpus_finish();
}
