/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Info of communicators: given at a dup, set, read back as a copy that is the caller's to free.
 *
 * corpus: ranks=2
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	MPI_Info info, used;
	MPI_Comm comm;
	char value[64];
	int flag, n;

	corpus_init(&argc, &argv);
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Info_create(&info);
		MPI_Info_set(info, "mpi_assert_no_any_tag", "true");
		MPI_Info_set(info, "no_such_hint", "7");
		MPI_Comm_dup_with_info(MPI_COMM_WORLD, info, &comm);
		MPI_Comm_set_info(comm, info);
		MPI_Info_free(&info);
		MPI_Comm_get_info(comm, &used);
		MPI_Info_get_nkeys(used, &n);
		CHECK(n >= 0);
		MPI_Info_get(used, "mpi_assert_no_any_tag", 63, value, &flag);
		if (flag)
			CHECK(strcmp(value, "true") == 0 || strcmp(value, "false") == 0);
		MPI_Info_free(&used);
		int mine = corpus_value(corpus_rank, round, 0);
		MPI_Allreduce(MPI_IN_PLACE, &mine, 1, MPI_INT, MPI_SUM, comm);
		corpus_add_int(mine * 2 + flag + n);
		MPI_Comm_free(&comm);
		MPI_Comm_get_info(MPI_COMM_WORLD, &used);
		MPI_Info_free(&used);
	}
	return corpus_finish();
}
