/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Names of MPI-1 that the library still has: MPI_Attr_put, MPI_Keyval_create,
 * MPI_Errhandler_create, MPI_Errhandler_set and their like.
 *
 * corpus: ranks=1,2
 * corpus: flags=-DOMPI_OMIT_MPI1_COMPAT_DECLS=0 -Wno-deprecated-declarations
 */
#include "corpus.h"

static int copies, deletes, errors;

static int copy(MPI_Comm comm, int key, void *extra, void *value, void *new_value, int *flag)
{
	CHECK(comm != MPI_COMM_NULL && key != MPI_KEYVAL_INVALID && *(int *)extra == 77);
	*(void **)new_value = (char *)value + 1;
	*flag = 1;
	copies++;
	return MPI_SUCCESS;
}

static int drop(MPI_Comm comm, int key, void *value, void *extra)
{
	(void)comm;
	(void)key;
	(void)value;
	CHECK(*(int *)extra == 77);
	deletes++;
	return MPI_SUCCESS;
}

static void note(MPI_Comm *comm, int *code, ...)
{
	CHECK(*comm != MPI_COMM_NULL && *code != MPI_SUCCESS);
	errors++;
}

int main(int argc, char **argv)
{
	int key, extra = 77, flag, *upper;
	MPI_Errhandler handler, got;
	MPI_Comm comm, dup;
	char *value;

	corpus_init(&argc, &argv);
	MPI_Attr_get(MPI_COMM_WORLD, MPI_TAG_UB, &upper, &flag);
	CHECK(flag && *upper > 1000);
	CHECK(MPI_Errhandler_f2c(MPI_Errhandler_c2f(MPI_ERRORS_RETURN)) == MPI_ERRORS_RETURN);
	for (long round = 0; round < corpus_rounds; round++) {
		copies = deletes = errors = 0;
		MPI_Keyval_create(copy, drop, &key, &extra);
		MPI_Comm_dup(MPI_COMM_WORLD, &comm);
		MPI_Attr_put(comm, key, "value");
		MPI_Comm_dup(comm, &dup);
		MPI_Attr_get(dup, key, &value, &flag);
		CHECK(flag);
		CHECK_STR(value, "alue");
		MPI_Attr_delete(comm, key);
		MPI_Attr_get(comm, key, &value, &flag);
		CHECK_INT(flag, 0);
		MPI_Keyval_free(&key);
		CHECK_INT(key, MPI_KEYVAL_INVALID);
		MPI_Errhandler_create(note, &handler);
		CHECK(MPI_Errhandler_f2c(MPI_Errhandler_c2f(handler)) == handler);
		MPI_Errhandler_set(dup, handler);
		MPI_Errhandler_get(dup, &got);
		CHECK(got == handler);
		MPI_Errhandler_free(&got);
		MPI_Errhandler_free(&handler);
		MPI_Send(&flag, 1, MPI_INT, 999, 0, dup);
		MPI_Comm_free(&dup);
		MPI_Comm_free(&comm);
		CHECK(copies == 1 && deletes == 2 && errors == 1);
		corpus_add_int(copies * 100 + deletes * 10 + errors);
	}
	return corpus_finish();
}
