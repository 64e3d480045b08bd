/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Comm_spawn_multiple with two commands, MPI_ERRCODES_IGNORE and arguments for each.
 *
 * corpus: ranks=1
 * corpus: natively=yes
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	MPI_Comm parent, children;
	int value[2], size;

	corpus_init(&argc, &argv);
	MPI_Comm_get_parent(&parent);
	if (parent != MPI_COMM_NULL) {
		value[0] = corpus_rank;
		value[1] = argc > 1 ? atoi(argv[1]) : -1;
		MPI_Send(value, 2, MPI_INT, 0, 1, parent);
		MPI_Comm_disconnect(&parent);
		MPI_Finalize();
		return 0;
	}
	char *commands[2] = {argv[0], argv[0]}, *first[] = {"10", NULL}, *second[] = {"20", NULL};
	char **words[2] = {first, second};
	int counts[2] = {1, 2};
	MPI_Info infos[2] = {MPI_INFO_NULL, MPI_INFO_NULL};
	MPI_Comm_spawn_multiple(2, commands, words, counts, infos, 0, MPI_COMM_SELF, &children,
				MPI_ERRCODES_IGNORE);
	MPI_Comm_remote_size(children, &size);
	CHECK_INT(size, 3);
	for (int c = 0; c < 3; c++) {
		MPI_Recv(value, 2, MPI_INT, c, 1, children, MPI_STATUS_IGNORE);
		CHECK_INT(value[0], c);
		CHECK_INT(value[1], c == 0 ? 10 : 20);
		corpus_add(value, sizeof(value));
	}
	MPI_Comm_disconnect(&children);
	return corpus_finish();
}
