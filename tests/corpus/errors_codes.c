/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Error classes, codes and strings, predefined and added; errors returned for wrong arguments.
 *
 * corpus: ranks=1,2
 */
#include "corpus.h"

static int class_of(int code)
{
	int class;

	MPI_Error_class(code, &class);
	return class;
}

int main(int argc, char **argv)
{
	char text[MPI_MAX_ERROR_STRING];
	int length, class, code, value = 0;

	corpus_init(&argc, &argv);
	MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
	for (int c = MPI_SUCCESS; c <= MPI_ERR_RMA_SHARED; c++) {
		MPI_Error_string(c, text, &length);
		CHECK_INT(length, strlen(text));
		corpus_add(text, (size_t)length);
		CHECK_INT(class_of(c), c);
	}
	MPI_Add_error_class(&class);
	CHECK(class > MPI_ERR_LASTCODE);
	MPI_Add_error_code(class, &code);
	MPI_Add_error_string(class, "the pump has failed");
	MPI_Add_error_string(code, "the pump has failed: no oil");
	CHECK_INT(class_of(code), class);
	MPI_Error_string(code, text, &length);
	CHECK_STR(text, "the pump has failed: no oil");
	int *last, flag;
	MPI_Comm_get_attr(MPI_COMM_WORLD, MPI_LASTUSEDCODE, &last, &flag);
	CHECK(flag && *last >= code);
	for (long round = 0; round < corpus_rounds; round++) {
		const struct {
			int code, class;
		} wrong[] = {
			{MPI_Send(&value, 1, MPI_INT, corpus_size, 0, MPI_COMM_WORLD),
			 MPI_ERR_RANK},
			{MPI_Send(&value, -1, MPI_INT, 0, 0, MPI_COMM_WORLD), MPI_ERR_COUNT},
			{MPI_Send(&value, 1, MPI_INT, 0, -5, MPI_COMM_WORLD), MPI_ERR_TAG},
			{MPI_Send(&value, 1, MPI_DATATYPE_NULL, 0, 0, MPI_COMM_WORLD),
			 MPI_ERR_TYPE},
			{MPI_Send(&value, 1, MPI_INT, 0, 0, MPI_COMM_NULL), MPI_ERR_COMM},
			{MPI_Bcast(&value, 1, MPI_INT, -1, MPI_COMM_WORLD), MPI_ERR_ROOT},
			{MPI_Allreduce(&value, &value + 1, 1, MPI_INT, MPI_OP_NULL, MPI_COMM_WORLD),
			 MPI_ERR_OP},
			{MPI_Group_incl(MPI_GROUP_NULL, 0, NULL, &(MPI_Group){MPI_GROUP_NULL}),
			 MPI_ERR_GROUP},
			{MPI_Type_free(&(MPI_Datatype){MPI_DATATYPE_NULL}), MPI_ERR_TYPE},
			{MPI_Comm_free(&(MPI_Comm){MPI_COMM_NULL}), MPI_ERR_COMM},
		};

		for (size_t w = 0; w < sizeof(wrong) / sizeof(wrong[0]); w++) {
			CHECK_INT(class_of(wrong[w].code), wrong[w].class);
			corpus_add_int(wrong[w].code);
		}
	}
	return corpus_finish();
}
