/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Comm_spawn: two children are started, talk with their parents, and disconnect.
 *
 * corpus: ranks=1,2
 * corpus: natively=yes
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	MPI_Comm parent, children, all;
	int value, size, codes[2] = {-1, -1};

	corpus_init(&argc, &argv);
	MPI_Comm_get_parent(&parent);
	if (parent != MPI_COMM_NULL) {
		CHECK_STR(argv[1], "child");
		MPI_Bcast(&value, 1, MPI_INT, 0, parent);
		value += corpus_rank;
		MPI_Send(&value, 1, MPI_INT, 0, 7, parent);
		MPI_Intercomm_merge(parent, 1, &all);
		MPI_Barrier(all);
		MPI_Comm_free(&all);
		MPI_Comm_disconnect(&parent);
		MPI_Finalize();
		return 0;
	}
	char *words[] = {"child", NULL};
	MPI_Comm_spawn(argv[0], words, 2, MPI_INFO_NULL, 0, MPI_COMM_WORLD, &children, codes);
	CHECK_INT(codes[0], MPI_SUCCESS);
	MPI_Comm_remote_size(children, &size);
	CHECK_INT(size, 2);
	value = 4711;
	MPI_Bcast(&value, 1, MPI_INT, corpus_rank == 0 ? MPI_ROOT : MPI_PROC_NULL, children);
	for (int c = 0; corpus_rank == 0 && c < 2; c++) {
		MPI_Recv(&value, 1, MPI_INT, c, 7, children, MPI_STATUS_IGNORE);
		CHECK_INT(value, 4711 + c);
		corpus_add_int(value);
	}
	MPI_Intercomm_merge(children, 0, &all);
	MPI_Comm_size(all, &size);
	CHECK_INT(size, corpus_size + 2);
	MPI_Barrier(all);
	MPI_Comm_free(&all);
	MPI_Comm_disconnect(&children);
	return corpus_finish();
}
