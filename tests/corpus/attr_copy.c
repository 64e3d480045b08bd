/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Attributes of communicators: copy functions decide at every kind of dup and nowhere else, delete
 * functions run last set first, an attribute is replaced through its delete function, and a keyval
 * that is freed lives on in its attributes.
 *
 * corpus: ranks=1,2
 */
#include "corpus.h"

static int keys[4]; /* no copy, copied as it is, copied with a change, refuses to be copied */
static long log_[64];
static int logged;

static int changed(MPI_Comm comm, int keyval, void *extra, void *in, void *out, int *flag)
{
	int size;

	CHECK_INT(keyval, keys[2]);
	CHECK_INT((intptr_t)extra, 77);
	CHECK_INT(MPI_Comm_size(comm, &size), MPI_SUCCESS);
	*(void **)out = (char *)in + 100 + size;
	*flag = 1;
	return MPI_SUCCESS;
}

static int refused(MPI_Comm comm, int keyval, void *extra, void *in, void *out, int *flag)
{
	(void)comm, (void)keyval, (void)extra, (void)in, (void)out;
	*flag = 0;
	return MPI_SUCCESS;
}

static int on_delete(MPI_Comm comm, int keyval, void *value, void *extra)
{
	int result;

	(void)extra;
	CHECK_INT(MPI_Comm_compare(comm, comm, &result), MPI_SUCCESS);
	CHECK_INT(result, MPI_IDENT);
	CHECK(logged < 64);
	log_[logged++] = (long)(intptr_t)value;
	corpus_add_int(keyval == keys[2]);
	return MPI_SUCCESS;
}

static void expect(MPI_Comm comm, int keyval, long want)
{
	void *value = (void *)(intptr_t)-5;
	int flag = -1;

	CHECK_INT(MPI_Comm_get_attr(comm, keyval, &value, &flag), MPI_SUCCESS);
	CHECK_INT(flag, want >= 0);
	CHECK_INT((intptr_t)value, want >= 0 ? want : -5);
}

static void expect_copy(MPI_Comm comm)
{
	expect(comm, keys[0], -1);
	expect(comm, keys[1], 11);
	expect(comm, keys[2], 112 + corpus_size);
	expect(comm, keys[3], -1);
	logged = 0;
	CHECK_INT(MPI_Comm_free(&comm), MPI_SUCCESS);
	CHECK_INT(logged, 2);
	CHECK_INT(log_[0], 112 + corpus_size);
	CHECK_INT(log_[1], 11);
}

int main(int argc, char **argv)
{
	MPI_Comm_copy_attr_function *copy[] = {MPI_COMM_NULL_COPY_FN, MPI_COMM_DUP_FN, changed,
					       refused};
	MPI_Comm comm, other;
	MPI_Request request;

	corpus_init(&argc, &argv);
	for (long round = 0; round < corpus_rounds; round++) {
		for (int k = 0; k < 4; k++)
			MPI_Comm_create_keyval(copy[k], on_delete, &keys[k], (void *)77);
		MPI_Comm_dup(MPI_COMM_WORLD, &comm);
		for (intptr_t k = 0; k < 4; k++)
			MPI_Comm_set_attr(comm, keys[k], (void *)(k + 10));
		MPI_Comm_dup(comm, &other);
		expect_copy(other);
		MPI_Comm_dup_with_info(comm, MPI_INFO_ENV, &other);
		expect_copy(other);
		MPI_Comm_idup(comm, &other, &request);
		MPI_Wait(&request, MPI_STATUS_IGNORE);
		expect_copy(other);
		MPI_Comm_split(comm, 0, corpus_rank, &other);
		for (int k = 0; k < 4; k++)
			expect(other, keys[k], -1);
		MPI_Comm_free(&other);

		logged = 0;
		MPI_Comm_set_attr(comm, keys[1], (void *)21); /* now the newest */
		CHECK_INT(logged, 1);
		CHECK_INT(log_[0], 11);
		MPI_Comm_delete_attr(comm, keys[3]);
		CHECK_INT(logged, 2);
		CHECK_INT(log_[1], 13);
		expect(comm, keys[3], -1);
		for (int k = 0; k < 4; k++) {
			int copy_of = keys[k];

			MPI_Comm_free_keyval(&copy_of);
			CHECK_INT(copy_of, MPI_KEYVAL_INVALID);
		}
		expect(comm, keys[0], 10); /* freed, but in use */
		logged = 0;
		MPI_Comm_free(&comm);
		CHECK(comm == MPI_COMM_NULL);
		CHECK_INT(logged, 3);
		CHECK_INT(log_[0], 21);
		CHECK_INT(log_[1], 12);
		CHECK_INT(log_[2], 10);
	}
	return corpus_finish();
}
