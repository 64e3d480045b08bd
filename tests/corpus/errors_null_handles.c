/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Handles that are the null pointer, as an uninitialised variable would be, give an error and no
 * crash.
 *
 * corpus: ranks=1
 */
#include "corpus.h"

static void check_class(int code, int want)
{
	int class;

	MPI_Error_class(code, &class);
	CHECK_INT(class, want);
	corpus_add_int(class);
}

int main(int argc, char **argv)
{
	int value = 1, flag;
	char text[MPI_MAX_INFO_VAL];

	corpus_init(&argc, &argv);
	MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
	for (long round = 0; round < corpus_rounds; round++) {
		check_class(MPI_Comm_size(NULL, &value), MPI_ERR_COMM);
		check_class(MPI_Send(&value, 1, MPI_INT, 0, 0, NULL), MPI_ERR_COMM);
		check_class(MPI_Send(&value, 1, NULL, 0, 0, MPI_COMM_WORLD), MPI_ERR_TYPE);
		check_class(MPI_Type_size(NULL, &value), MPI_ERR_TYPE);
		check_class(MPI_Group_size(NULL, &value), MPI_ERR_GROUP);

		check_class(MPI_Info_get_nkeys(NULL, &value), MPI_ERR_INFO);
		check_class(MPI_Info_get(MPI_INFO_NULL, "key", 5, text, &flag), MPI_ERR_INFO);
		check_class(MPI_Win_fence(0, NULL), MPI_ERR_WIN);
		check_class(MPI_Wait(NULL, MPI_STATUS_IGNORE), MPI_ERR_REQUEST);
		check_class(MPI_Comm_set_errhandler(MPI_COMM_WORLD, NULL), MPI_ERR_ARG);
		check_class(MPI_File_close(&(MPI_File){NULL}), MPI_ERR_FILE);
	}
	return corpus_finish();
}
