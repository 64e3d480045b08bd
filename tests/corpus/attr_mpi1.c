/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The functions of MPI-1 that later versions of MPI deleted: MPI_Keyval_*, MPI_Attr_*,
 * MPI_Errhandler_create, set and get.
 *
 * corpus: ranks=1,2
 * corpus: flags=-DOMPI_OMIT_MPI1_COMPAT_DECLS=0 -Wno-deprecated-declarations
 */
#include "corpus.h"

static int copied, deleted, errors;

static int on_copy(MPI_Comm comm, int keyval, void *extra, void *in, void *out, int *flag)
{
	(void)comm, (void)keyval;
	copied++;
	*(void **)out = (char *)in + *(int *)extra;
	*flag = 1;
	return MPI_SUCCESS;
}

static int on_delete(MPI_Comm comm, int keyval, void *value, void *extra)
{
	(void)comm, (void)keyval, (void)extra;
	deleted += (int)(intptr_t)value;
	return MPI_SUCCESS;
}

static void on_error(MPI_Comm *comm, int *code, ...)
{
	(void)comm;
	errors = errors * 100 + *code;
}

int main(int argc, char **argv)
{
	int key, dup_key, flag, step = 5;
	MPI_Errhandler handler, got;
	MPI_Comm comm, dup;
	void *value;
	int *tag_ub;

	corpus_init(&argc, &argv);
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Keyval_create(on_copy, on_delete, &key, &step);
		MPI_Keyval_create(MPI_DUP_FN, MPI_NULL_DELETE_FN, &dup_key, NULL);
		MPI_Comm_dup(MPI_COMM_WORLD, &comm);
		MPI_Attr_put(comm, key, (void *)30);
		MPI_Attr_put(comm, dup_key, (void *)31);
		MPI_Comm_dup(comm, &dup);
		MPI_Attr_get(dup, key, &value, &flag);
		CHECK_INT(flag, 1);
		CHECK_INT((intptr_t)value, 35);
		MPI_Comm_get_attr(dup, dup_key, &value, &flag);
		CHECK_INT((intptr_t)value, 31);
		MPI_Attr_delete(dup, key);
		CHECK_INT(deleted, 35);
		MPI_Attr_get(dup, key, &value, &flag);
		CHECK_INT(flag, 0);
		MPI_Attr_get(dup, MPI_TAG_UB, &tag_ub, &flag);
		CHECK_INT(flag, 1);
		CHECK(*tag_ub >= 32767);
		MPI_Keyval_free(&dup_key);
		MPI_Keyval_free(&key);
		CHECK_INT(key, MPI_KEYVAL_INVALID);

		MPI_Errhandler_create(on_error, &handler);
		MPI_Errhandler_set(comm, handler);
		MPI_Errhandler_get(comm, &got);
		CHECK(got == handler);
		MPI_Errhandler_free(&got);
		MPI_Errhandler_free(&handler);
		CHECK_INT(MPI_Attr_delete(comm, MPI_TAG_UB), MPI_ERR_OTHER);
		CHECK_INT(MPI_Attr_get(comm, 1234, &value, &flag), MPI_ERR_OTHER);
		CHECK_INT(errors, MPI_ERR_OTHER * 101);
		corpus_add_int(copied);
		MPI_Comm_free(&dup);
		MPI_Comm_free(&comm);
		CHECK_INT(deleted, 65);
		deleted = errors = 0;
	}
	return corpus_finish();
}
