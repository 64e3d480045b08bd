/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Files as objects: mode, group, size, preallocate, atomicity, info, error handler, Fortran number.
 *
 * corpus: ranks=1,2
 * corpus: refused-while=open MPI file
 */
#include "corpus.h"

static int calls;

static void note(MPI_File *file, int *code, ...)
{
	(void)file;
	CHECK(*code != MPI_SUCCESS);
	calls++;
}

int main(int argc, char **argv)
{
	MPI_Errhandler handler, got;
	MPI_Group group, world;
	MPI_Offset size;
	MPI_Info info;
	MPI_File file;
	int mode, flag, result, class, data = 1;

	corpus_init(&argc, &argv);
	MPI_Comm_group(MPI_COMM_WORLD, &world);
	CHECK(MPI_File_f2c(MPI_File_c2f(MPI_FILE_NULL)) == MPI_FILE_NULL);
	MPI_File_get_errhandler(MPI_FILE_NULL, &got);
	CHECK(got == MPI_ERRORS_RETURN);
	int code = MPI_File_open(MPI_COMM_WORLD, corpus_path("missing"), MPI_MODE_RDONLY,
				 MPI_INFO_NULL, &file);
	MPI_Error_class(code, &class);
	CHECK_INT(class, MPI_ERR_NO_SUCH_FILE);
	MPI_File_create_errhandler(note, &handler);
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Info_create(&info);
		MPI_Info_set(info, "access_style", "write_once");
		MPI_File_open(MPI_COMM_WORLD, corpus_path("meta"), MPI_MODE_CREATE | MPI_MODE_RDWR,
			      info, &file);
		MPI_File_set_info(file, info);
		MPI_Info_free(&info);
		MPI_File_get_info(file, &info);
		CHECK(info != MPI_INFO_NULL);
		MPI_Info_free(&info);
		MPI_File_get_amode(file, &mode);
		CHECK_INT(mode, MPI_MODE_CREATE | MPI_MODE_RDWR);
		MPI_File_get_group(file, &group);
		MPI_Group_compare(group, world, &result);
		CHECK_INT(result, MPI_IDENT);
		MPI_Group_free(&group);
		CHECK_INT(MPI_File_preallocate(file, 4096), MPI_SUCCESS);
		MPI_File_get_size(file, &size);
		CHECK(size >= 4096);
		MPI_Barrier(MPI_COMM_WORLD);
		CHECK_INT(MPI_File_set_size(file, 1000), MPI_SUCCESS);
		MPI_File_get_size(file, &size);
		CHECK_INT(size, 1000);
		CHECK_INT(MPI_File_set_atomicity(file, 1), MPI_SUCCESS);
		MPI_File_get_atomicity(file, &flag);
		CHECK_INT(flag, 1);
		CHECK_INT(MPI_File_set_atomicity(file, 0), MPI_SUCCESS);
		CHECK(MPI_File_f2c(MPI_File_c2f(file)) == file);
		calls = 0;
		MPI_File_set_errhandler(file, handler);
		MPI_File_get_errhandler(file, &got);
		CHECK(got == handler);
		MPI_Errhandler_free(&got);
		MPI_File_write_at(file, 0, &data, -1, MPI_INT, MPI_STATUS_IGNORE);
		CHECK_INT(calls, 1);
		MPI_File_call_errhandler(file, MPI_ERR_IO);
		CHECK_INT(calls, 2);
		corpus_add_int(size + mode + calls);
		MPI_File_close(&file);
	}
	MPI_Errhandler_free(&handler);
	MPI_Group_free(&world);
	return corpus_finish();
}
