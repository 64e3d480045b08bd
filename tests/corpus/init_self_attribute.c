/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Finalize deletes the attributes of MPI_COMM_SELF first, in reverse order, while MPI still
 * works; functions registered with atexit run after it.
 *
 * corpus: ranks=1,2
 */
#include "corpus.h"

static int deleted;

static int on_delete(MPI_Comm comm, int keyval, void *value, void *extra)
{
	int finalized, size;

	(void)keyval;
	(void)extra;
	CHECK(comm == MPI_COMM_SELF);
	MPI_Finalized(&finalized);
	CHECK_INT(finalized, 0);
	CHECK_INT(MPI_Comm_size(MPI_COMM_WORLD, &size), MPI_SUCCESS);
	CHECK_INT(size, corpus_size);
	CHECK_INT((intptr_t)value, 2 - deleted);
	deleted++;
	if (corpus_rank == 0)
		printf("attribute %ld is deleted\n", (long)(intptr_t)value);
	return MPI_SUCCESS;
}

static void at_exit(void)
{
	int finalized;

	MPI_Finalized(&finalized);
	if (corpus_rank == 0)
		printf("at exit: finalized %d, deleted %d\n", finalized, deleted);
}

int main(int argc, char **argv)
{
	int keys[3];

	atexit(at_exit);
	corpus_init(&argc, &argv);
	for (intptr_t k = 0; k < 3; k++) {
		MPI_Comm_create_keyval(MPI_COMM_NULL_COPY_FN, on_delete, &keys[k], NULL);
		MPI_Comm_set_attr(MPI_COMM_SELF, keys[k], (void *)k);
		MPI_Comm_free_keyval(&keys[k]);
		CHECK_INT(keys[k], MPI_KEYVAL_INVALID);
	}
	corpus_linger();
	corpus_report();
	MPI_Finalize();
	CHECK_INT(deleted, 3);
	return 0;
}
