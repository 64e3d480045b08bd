/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What may be called before MPI_Init and after MPI_Finalize, and what it says.
 *
 * corpus: ranks=1,2
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	char version[MPI_MAX_LIBRARY_VERSION_STRING];
	int flag = 5, major, minor, length, level;

	CHECK_INT(MPI_Initialized(&flag), MPI_SUCCESS);
	CHECK_INT(flag, 0);
	MPI_Finalized(&flag);
	CHECK_INT(flag, 0);
	MPI_Get_version(&major, &minor);
	CHECK_INT(major, MPI_VERSION);
	CHECK_INT(minor, MPI_SUBVERSION);
	MPI_Get_library_version(version, &length);
	/* Open MPI 4.1 counts the final zero */
	CHECK(length == (int)strlen(version) || length == (int)strlen(version) + 1);
	CHECK(strncmp(version, "Open MPI v4.1", 13) == 0);
	CHECK_INT(MPI_Init(NULL, NULL), MPI_SUCCESS);
	corpus_start();
	corpus_linger();
	MPI_Initialized(&flag);
	CHECK_INT(flag, 1);
	MPI_Finalized(&flag);
	CHECK_INT(flag, 0);
	MPI_Query_thread(&level);
	CHECK_INT(level, MPI_THREAD_SINGLE);
	MPI_Is_thread_main(&flag);
	CHECK_INT(flag, 1);
	for (int i = 0; i < argc; i++)
		corpus_add_int(argv[i][0] != '\0');
	corpus_add(version, (size_t)length);
	corpus_report();
	CHECK_INT(MPI_Finalize(), MPI_SUCCESS);
	MPI_Initialized(&flag);
	CHECK_INT(flag, 1);
	MPI_Finalized(&flag);
	CHECK_INT(flag, 1);
	MPI_Get_version(&major, &minor);
	CHECK_INT(major, MPI_VERSION);
	return 0;
}
