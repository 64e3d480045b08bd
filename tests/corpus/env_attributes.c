/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The predefined attributes of MPI_COMM_WORLD: MPI_TAG_UB, MPI_HOST, MPI_IO, MPI_UNIVERSE_SIZE,
 * MPI_APPNUM, and the processor's name.
 *
 * corpus: ranks=1,3
 */
#include "corpus.h"

static void show(const char *name, int keyval, MPI_Comm comm)
{
	int *value = NULL, flag = -1;

	CHECK_INT(MPI_Comm_get_attr(comm, keyval, &value, &flag), MPI_SUCCESS);
	if (corpus_rank == 0 && flag)
		printf("%s %d\n", name, *value);
	if (corpus_rank == 0 && !flag)
		printf("%s is not there\n", name);
}

int main(int argc, char **argv)
{
	char name[MPI_MAX_PROCESSOR_NAME], host[256];
	int length;
	MPI_Comm dup;

	corpus_init(&argc, &argv);
	MPI_Comm_dup(MPI_COMM_WORLD, &dup);
	corpus_linger();
	for (int twice = 0; twice < 2; twice++) {
		MPI_Comm comm = twice ? dup : MPI_COMM_WORLD;

		show("MPI_TAG_UB", MPI_TAG_UB, comm);
		show("MPI_HOST", MPI_HOST, comm);
		show("MPI_IO", MPI_IO, comm);
		show("MPI_WTIME_IS_GLOBAL", MPI_WTIME_IS_GLOBAL, comm);
		show("MPI_APPNUM", MPI_APPNUM, comm);
		show("MPI_LASTUSEDCODE", MPI_LASTUSEDCODE, comm);
		show("MPI_UNIVERSE_SIZE", MPI_UNIVERSE_SIZE, MPI_COMM_WORLD);
	}
	MPI_Get_processor_name(name, &length);
	CHECK_INT(length, strlen(name));
	gethostname(host, sizeof(host));
	CHECK_STR(name, host);
	corpus_add(name, (size_t)length);
	MPI_Comm_free(&dup);
	return corpus_finish();
}
