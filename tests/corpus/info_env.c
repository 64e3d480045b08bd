/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_INFO_ENV tells how the job was started, after mpirun's own line.
 *
 * corpus: ranks=1,2
 */
#include "corpus.h"

static void get(const char *key, char *value, int must)
{
	int flag;

	strcpy(value, "");
	MPI_Info_get(MPI_INFO_ENV, key, MPI_MAX_INFO_VAL, value, &flag);
	CHECK(flag || !must);
}

int main(int argc, char **argv)
{
	char value[MPI_MAX_INFO_VAL + 1], here[4096];

	corpus_init(&argc, &argv);
	corpus_linger();
	get("maxprocs", value, 1);
	CHECK_INT(atoi(value), corpus_size);
	get("command", value, 0);
	if (value[0] != '\0')
		CHECK(strstr(value, "info_env") != NULL);
	get("wdir", value, 0);
	if (value[0] != '\0')
		CHECK_STR(value, getcwd(here, sizeof(here)));
	get("thread_level", value, 0);
	corpus_add(value, strlen(value));
	if (corpus_rank == 0)
		printf("thread_level \"%s\"\n", value);
	CHECK(MPI_Info_f2c(MPI_Info_c2f(MPI_INFO_ENV)) == MPI_INFO_ENV);
	return corpus_finish();
}
