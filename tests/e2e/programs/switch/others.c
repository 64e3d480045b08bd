/* SPDX-License-Identifier: BSD-3-Clause */
/* Operations, error classes and handlers, infos; and what may not be changed under a program. */
#include "switch.h"

static int called, class, code;

static void matrix(void *in, void *inout, int *length, MPI_Datatype *type)
{
	long *a = in, *b = inout;

	(void)type;
	for (int i = 0; i < *length; i++, a += 4, b += 4) { /* 2 x 2, not commutative */
		long c[4] = {a[0] * b[0] + a[1] * b[2], a[0] * b[1] + a[1] * b[3],
			     a[2] * b[0] + a[3] * b[2], a[2] * b[1] + a[3] * b[3]};

		memcpy(b, c, sizeof(c));
	}
}

static void most(void *in, void *inout, int *length, MPI_Datatype *type)
{
	int *a = in, *b = inout;

	CHECK(*type == MPI_INT);
	for (int i = 0; i < *length; i++)
		if (a[i] > b[i])
			b[i] = a[i];
}

static void handle(MPI_Comm *comm, int *error, ...)
{
	CHECK(*comm == MPI_COMM_WORLD && *error != MPI_SUCCESS);
	called++;
}

static void file_handle(MPI_File *file, int *error, ...)
{
	CHECK(*file == MPI_FILE_NULL && *error != MPI_SUCCESS);
	called += 10;
}

static void check_ops(MPI_Op product, MPI_Op largest, MPI_Datatype four)
{
	long mine[4] = {1, rank + 1, 0, 1}, got[4];
	int commutes, top;

	MPI_Allreduce(mine, got, 1, four, product, MPI_COMM_WORLD);
	CHECK(got[0] == 1 && got[1] == size * (size + 1) / 2 && got[2] == 0 && got[3] == 1);
	MPI_Allreduce(&rank, &top, 1, MPI_INT, largest, MPI_COMM_WORLD);
	CHECK(top == size - 1);
	MPI_Op_commutative(product, &commutes);
	CHECK(!commutes);
	MPI_Op_commutative(largest, &commutes);
	CHECK(commutes);
}

static void check_errors(void)
{
	char text[MPI_MAX_ERROR_STRING];
	int length, of;
	MPI_File file;

	called = 0;
	MPI_Comm_call_errhandler(MPI_COMM_WORLD, code);
	CHECK(called == 1);
	MPI_File_open(MPI_COMM_SELF, "/no/such/directory", MPI_MODE_RDONLY, MPI_INFO_NULL, &file);
	CHECK(called == 11);
	MPI_Error_class(code, &of);
	CHECK(of == class);
	MPI_Error_string(code, text, &length);
	CHECK(strcmp(text, "the program's own") == 0);
}

static void check_info(MPI_Info info)
{
	char key[MPI_MAX_INFO_KEY + 1], value[80];
	int n, flag;

	MPI_Info_get_nkeys(info, &n);
	CHECK(n == 2);
	MPI_Info_get_nthkey(info, 1, key);
	CHECK(strcmp(key, "second key") == 0);
	MPI_Info_get(info, key, 79, value, &flag);
	CHECK(flag && strcmp(value, "with; an = odd, value") == 0);
}

/* Obstacles are named, and the program goes on. */
static void check_refusals(void)
{
	const struct rankferry_direct *d = direct();
	char why[512] = "", *none[] = {NULL};
	MPI_Message message;
	MPI_File file;
	MPI_Win win;
	int value = rank, got = -1;

	MPI_Win_create(&value, sizeof(value), 1, MPI_INFO_NULL, MPI_COMM_WORLD, &win);
	CHECK(d->change(none, why) == -1 && strstr(why, "a window"));
	MPI_Win_free(&win);
	MPI_File_open(MPI_COMM_SELF, "/dev/zero", MPI_MODE_RDONLY, MPI_INFO_NULL, &file);
	CHECK(d->change(none, why) == -1 && strstr(why, "an open MPI file"));
	MPI_File_close(&file);
	MPI_Send(&value, 1, MPI_INT, (rank + 1) % size, 1, MPI_COMM_WORLD);
	MPI_Mprobe(MPI_ANY_SOURCE, 1, MPI_COMM_WORLD, &message, MPI_STATUS_IGNORE);
	CHECK(d->change(none, why) == -1 && strstr(why, "MPI_Mprobe"));
	MPI_Mrecv(&got, 1, MPI_INT, &message, MPI_STATUS_IGNORE);
	CHECK(got == (rank + size - 1) % size);
}

int main(int argc, char **argv)
{
	MPI_Errhandler handler, file_handler, found;
	MPI_Op product, largest;
	MPI_Datatype four;
	MPI_Info info;

	begin(&argc, &argv);
	MPI_Op_create(matrix, 0, &product);
	MPI_Op_create(most, 1, &largest);
	MPI_Type_contiguous(4, MPI_LONG, &four);
	MPI_Type_commit(&four);
	MPI_Comm_create_errhandler(handle, &handler);
	MPI_Comm_set_errhandler(MPI_COMM_WORLD, handler);
	MPI_File_create_errhandler(file_handle, &file_handler);
	MPI_File_set_errhandler(MPI_FILE_NULL, file_handler);
	MPI_Errhandler_free(&file_handler);
	MPI_Add_error_class(&class);
	MPI_Add_error_code(class, &code);
	MPI_Add_error_string(code, "the program's own");
	MPI_Info_create(&info);
	MPI_Info_set(info, "first key", "1");
	MPI_Info_set(info, "second key", "with; an = odd, value");
	check_refusals();
	for (int turn = 0; turn < 3; turn++) {
		change();
		check_ops(product, largest, four);
		check_errors();
		check_info(info);
		MPI_Comm_get_errhandler(MPI_COMM_WORLD, &found);
		CHECK(found == handler);
		MPI_Errhandler_free(&found);
		check_refusals();
	}
	MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_ARE_FATAL);
	MPI_Errhandler_free(&handler);
	MPI_Op_free(&product);
	MPI_Op_free(&largest);
	MPI_Type_free(&four);
	MPI_Info_free(&info);
	return end("others");
}
