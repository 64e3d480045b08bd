/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Copy and delete functions that fail: MPI_Comm_dup fails with their code, MPI_Comm_free fails with
 * it and leaves the communicator usable, and misused keyvals are errors.
 *
 * corpus: ranks=1,2
 */
#include "corpus.h"

static int fail_copy, fail_delete, deleted;

static int on_copy(MPI_Comm comm, int keyval, void *extra, void *in, void *out, int *flag)
{
	(void)comm, (void)keyval, (void)extra;
	*(void **)out = in;
	*flag = 1;
	return fail_copy;
}

static int on_delete(MPI_Comm comm, int keyval, void *value, void *extra)
{
	(void)comm, (void)keyval, (void)value, (void)extra;
	deleted++;
	return fail_delete;
}

int main(int argc, char **argv)
{
	int first, second, class, flag, freed, sum;
	MPI_Comm comm, dup;
	void *value;

	corpus_init(&argc, &argv);
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Comm_create_keyval(MPI_COMM_DUP_FN, on_delete, &first, NULL);
		MPI_Comm_create_keyval(on_copy, on_delete, &second, NULL);
		MPI_Comm_dup(MPI_COMM_WORLD, &comm);
		MPI_Comm_set_errhandler(comm, MPI_ERRORS_RETURN);
		MPI_Comm_set_attr(comm, first, (void *)1);
		MPI_Comm_set_attr(comm, second, (void *)2);

		fail_copy = MPI_ERR_TOPOLOGY;
		deleted = 0;
		if (corpus_size == 1) { /* collective: else the other ranks would wait */
			int code = MPI_Comm_dup(comm, &dup);

			CHECK_INT(code, MPI_ERR_TOPOLOGY);
			CHECK_INT(deleted, 1); /* what was copied before */
		}
		fail_copy = 0;

		fail_delete = MPI_ERR_BUFFER;
		deleted = 0;
		CHECK_INT(MPI_Comm_set_attr(comm, second, (void *)3), MPI_ERR_OTHER);
		CHECK_INT(MPI_Comm_delete_attr(comm, second), MPI_ERR_OTHER);
		CHECK_INT(MPI_Comm_free(&comm), MPI_ERR_BUFFER);
		CHECK_INT(deleted, 3);
		CHECK(comm != MPI_COMM_NULL);
		CHECK_INT(MPI_Comm_get_attr(comm, second, &value, &flag), MPI_SUCCESS);
		CHECK_INT(flag, 1);
		CHECK_INT((intptr_t)value, 2);
		MPI_Allreduce(&corpus_rank, &sum, 1, MPI_INT, MPI_SUM, comm);
		CHECK_INT(sum, corpus_size * (corpus_size - 1) / 2);
		fail_delete = 0;

		/* keyvals that do not fit */
		CHECK_INT(MPI_Comm_set_attr(comm, MPI_TAG_UB, (void *)3), MPI_ERR_OTHER);
		CHECK_INT(MPI_Comm_delete_attr(comm, MPI_TAG_UB), MPI_ERR_OTHER);
		CHECK_INT(MPI_Comm_set_attr(comm, 4711, (void *)3), MPI_ERR_OTHER);
		CHECK_INT(MPI_Comm_get_attr(comm, 4711, &value, &flag), MPI_ERR_OTHER);
		CHECK_INT(MPI_Comm_get_attr(comm, MPI_KEYVAL_INVALID, &value, &flag),
			  MPI_ERR_KEYVAL);
		CHECK_INT(MPI_Comm_get_attr(comm, first, NULL, &flag), MPI_ERR_ARG);
		CHECK_INT(MPI_Comm_delete_attr(comm, first), MPI_SUCCESS);
		CHECK_INT(MPI_Comm_delete_attr(comm, first), MPI_ERR_OTHER);
		MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
		CHECK_INT(MPI_Comm_get_attr(MPI_COMM_NULL, first, &value, &flag), MPI_ERR_COMM);
		freed = MPI_TAG_UB;
		CHECK_INT(MPI_Comm_free_keyval(&freed), MPI_ERR_OTHER);
		CHECK_INT(MPI_Type_free_keyval(&first), MPI_ERR_OTHER);
		CHECK_INT(MPI_Comm_create_keyval(NULL, on_delete, &freed, NULL), MPI_ERR_ARG);
		MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_ARE_FATAL);

		CHECK_INT(MPI_Comm_free(&comm), MPI_SUCCESS);
		CHECK_INT(MPI_Comm_free_keyval(&first), MPI_SUCCESS);
		CHECK_INT(MPI_Comm_free_keyval(&second), MPI_SUCCESS);
		MPI_Error_class(MPI_ERR_TOPOLOGY, &class);
		corpus_add_int(class + deleted);
	}
	return corpus_finish();
}
