/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Predefined objects that calls give out, and that are freed a round later: MPI_ERRORS_RETURN from
 * a communicator, and the empty group.
 *
 * corpus: ranks=1,2
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	MPI_Errhandler got, before = MPI_ERRHANDLER_NULL;
	MPI_Group world, empty, last = MPI_GROUP_NULL;
	int value = 0, class, size;
	MPI_Comm comm;

	corpus_init(&argc, &argv);
	MPI_Comm_group(MPI_COMM_WORLD, &world);
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Comm_dup(MPI_COMM_WORLD, &comm);
		MPI_Comm_set_errhandler(comm, MPI_ERRORS_RETURN);
		MPI_Comm_get_errhandler(comm, &got);
		CHECK(got == MPI_ERRORS_RETURN);
		MPI_Group_incl(world, 0, NULL, &empty);
		CHECK(empty == MPI_GROUP_EMPTY);
		if (round > 0) {
			MPI_Errhandler_free(&before);
			MPI_Group_free(&last);
			CHECK(before == MPI_ERRHANDLER_NULL && last == MPI_GROUP_NULL);
		}
		before = got;
		last = empty;
		MPI_Error_class(MPI_Send(&value, 1, MPI_INT, 4711, 0, comm), &class);
		CHECK_INT(class, MPI_ERR_RANK);
		MPI_Group_size(MPI_GROUP_EMPTY, &size);
		corpus_add_int(class + size);
		MPI_Comm_free(&comm);
	}
	if (corpus_rounds > 0) {
		MPI_Errhandler_free(&before);
		MPI_Group_free(&last);
	}
	MPI_Group_free(&world);
	return corpus_finish();
}
