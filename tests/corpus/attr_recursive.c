/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Copy and delete functions that themselves use attributes, communicate, and free the keyval; many
 * attributes on many communicators.
 *
 * corpus: ranks=1,2,3
 */
#include "corpus.h"

#define MANY 200

static int outer, inner, deleted;

static int on_copy(MPI_Comm comm, int keyval, void *extra, void *in, void *out, int *flag)
{
	int sum, here;
	void *other;

	(void)keyval, (void)extra;
	MPI_Allreduce(&corpus_rank, &sum, 1, MPI_INT, MPI_SUM, comm);
	CHECK_INT(sum, corpus_size * (corpus_size - 1) / 2);
	MPI_Comm_get_attr(comm, inner, &other, &here);
	CHECK_INT(here, 1);
	MPI_Comm_set_attr(comm, inner, (char *)other + 1);
	*(void **)out = in;
	*flag = 1;
	return MPI_SUCCESS;
}

static int on_delete(MPI_Comm comm, int keyval, void *value, void *extra)
{
	int key = keyval, here;
	void *other;

	(void)extra;
	MPI_Comm_get_attr(comm, inner, &other, &here);
	if (here)
		MPI_Comm_delete_attr(comm, inner);
	if (value == (void *)1)
		MPI_Comm_free_keyval(&key); /* while its attribute is being deleted */
	deleted++;
	return MPI_SUCCESS;
}

int main(int argc, char **argv)
{
	static int keys[MANY];
	MPI_Comm comm, dup;
	void *value;
	int flag;

	corpus_init(&argc, &argv);
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Comm_create_keyval(on_copy, on_delete, &outer, NULL);
		MPI_Comm_create_keyval(MPI_COMM_NULL_COPY_FN, MPI_COMM_NULL_DELETE_FN, &inner,
				       NULL);
		MPI_Comm_dup(MPI_COMM_WORLD, &comm);
		MPI_Comm_set_attr(comm, inner, (void *)50);
		MPI_Comm_set_attr(comm, outer, (void *)1);
		MPI_Comm_dup(comm, &dup);
		MPI_Comm_get_attr(comm, inner, &value, &flag);
		CHECK_INT((intptr_t)value, 51);
		MPI_Comm_get_attr(dup, outer, &value, &flag);
		CHECK_INT(flag, 1);
		MPI_Comm_set_attr(dup, outer, (void *)2);
		deleted = 0;
		MPI_Comm_free(&dup);
		MPI_Comm_free(&comm);
		CHECK_INT(deleted, 2);
		MPI_Comm_free_keyval(&inner);

		MPI_Comm_dup(MPI_COMM_SELF, &comm);
		for (int k = 0; k < MANY; k++) {
			MPI_Comm_create_keyval(MPI_COMM_DUP_FN, MPI_COMM_NULL_DELETE_FN, &keys[k],
					       NULL);
			MPI_Comm_set_attr(comm, keys[k], &keys[k]);
		}
		MPI_Comm_dup(comm, &dup);
		for (int k = 0; k < MANY; k++) {
			MPI_Comm_get_attr(dup, keys[k], &value, &flag);
			CHECK_INT(flag, 1);
			CHECK(value == &keys[k]);
		}
		MPI_Comm_free(&comm);
		for (int k = 0; k < MANY; k++)
			MPI_Comm_free_keyval(&keys[k]);
		MPI_Comm_free(&dup);
		corpus_add_int(deleted);
	}
	return corpus_finish();
}
