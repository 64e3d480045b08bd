/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Names of communicators: predefined, set, replaced, cut at MPI_MAX_OBJECT_NAME, empty.
 *
 * corpus: ranks=1,2
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	char name[MPI_MAX_OBJECT_NAME], text[3 * MPI_MAX_OBJECT_NAME];
	MPI_Comm comm;
	int length;

	corpus_init(&argc, &argv);
	MPI_Comm_get_name(MPI_COMM_WORLD, name, &length);
	CHECK_STR(name, "MPI_COMM_WORLD");
	MPI_Comm_get_name(MPI_COMM_SELF, name, &length);
	CHECK_STR(name, "MPI_COMM_SELF");
	CHECK_INT(length, strlen(name));
	MPI_Comm_dup(MPI_COMM_WORLD, &comm);
	for (long round = 0; round < corpus_rounds; round++) {
		snprintf(text, sizeof(text), "fluid %ld", round);
		MPI_Comm_set_name(comm, text);
		memset(name, 'x', sizeof(name));
		MPI_Comm_get_name(comm, name, &length);
		CHECK_STR(name, text);
		corpus_add(name, (size_t)length);
		memset(text, 'n', sizeof(text));
		text[sizeof(text) - 1] = '\0';
		MPI_Comm_set_name(comm, text);
		MPI_Comm_get_name(comm, name, &length);
		CHECK_INT(length, MPI_MAX_OBJECT_NAME - 1);
		CHECK(memcmp(name, text, (size_t)length) == 0);
		MPI_Comm_set_name(comm, "");
		MPI_Comm_get_name(comm, name, &length);
		CHECK_STR(name, "");
	}
	MPI_Comm_set_name(MPI_COMM_WORLD, "everybody");
	MPI_Comm_get_name(MPI_COMM_WORLD, name, &length);
	CHECK_STR(name, "everybody");
	MPI_Comm_free(&comm);
	return corpus_finish();
}
