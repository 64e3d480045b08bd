/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Error classes and codes of the program: numbers, strings, MPI_LASTUSEDCODE, and raising them
 * through a handler.
 *
 * corpus: ranks=1,2
 */
#include "corpus.h"

static int raised;

static void on_error(MPI_Comm *comm, int *code, ...)
{
	(void)comm;
	raised = *code;
}

int main(int argc, char **argv)
{
	int class, code[3], last, *used, flag, got, length;
	char text[MPI_MAX_ERROR_STRING];
	MPI_Errhandler handler;
	MPI_Comm comm;

	corpus_init(&argc, &argv);
	MPI_Comm_dup(MPI_COMM_SELF, &comm);
	MPI_Comm_create_errhandler(on_error, &handler);
	MPI_Comm_set_errhandler(comm, handler);
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Add_error_class(&class);
		CHECK(class > MPI_ERR_LASTCODE);
		MPI_Comm_get_attr(MPI_COMM_WORLD, MPI_LASTUSEDCODE, &used, &flag);
		CHECK_INT(*used, class);
		last = class;
		for (int i = 0; i < 3; i++) {
			MPI_Add_error_code(class, &code[i]);
			CHECK_INT(code[i], last + 1);
			last = code[i];
		}
		MPI_Comm_get_attr(MPI_COMM_WORLD, MPI_LASTUSEDCODE, &used, &flag);
		CHECK_INT(*used, last);
		MPI_Add_error_string(class, "a class of mine");
		MPI_Add_error_string(code[1], "a code of mine");
		MPI_Error_class(code[1], &got);
		CHECK_INT(got, class);
		MPI_Error_string(code[1], text, &length);
		CHECK_STR(text, "a code of mine");
		CHECK_INT(length, 14);
		MPI_Comm_call_errhandler(comm, code[1]);
		CHECK_INT(raised, code[1]);
		MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
		CHECK_INT(MPI_Add_error_string(MPI_ERR_ARG, "not mine"), MPI_ERR_ARG);
		CHECK_INT(MPI_Add_error_code(last + 10, &got), MPI_ERR_ARG);
		CHECK_INT(MPI_Error_class(last + 10, &got), MPI_ERR_ARG);
		MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_ARE_FATAL);
		corpus_add_int(last);
	}
	MPI_Errhandler_free(&handler);
	MPI_Comm_free(&comm);
	return corpus_finish();
}
