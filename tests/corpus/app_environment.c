/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Arguments with blanks and odd characters, variables set, changed and removed before and after
 * MPI_Init, working directory, umask, limits and locale are what they are without us.
 *
 * corpus: ranks=1,2
 * corpus: args="two words" "" "$HOME" "a'b" "tab	and\\backslash"
 * corpus: env=CORPUS_COLOUR=dark-blue
 */
#include "corpus.h"
#include <locale.h>
#include <sys/resource.h>
#include <sys/stat.h>

extern char **environ;

int main(int argc, char **argv)
{
	struct rlimit before, after;
	char here[4096], there[4096];
	int rankferry = 0;

	CHECK_INT(argc, 6);
	CHECK_STR(argv[1], "two words");
	CHECK_STR(argv[2], "");
	CHECK_STR(argv[3], "$HOME");
	CHECK_STR(argv[4], "a'b");
	CHECK_STR(argv[5], "tab\tand\\backslash");
	CHECK_STR(getenv("CORPUS_COLOUR"), "dark-blue");
	setenv("CORPUS_BEFORE", "1", 1);
	unsetenv("CORPUS_COLOUR");
	getrlimit(RLIMIT_NOFILE, &before);
	mode_t mask = umask(0);
	umask(mask);
	CHECK(getcwd(here, sizeof(here)) != NULL);
	setlocale(LC_ALL, "C");
	corpus_init(&argc, &argv);
	corpus_linger();
	CHECK_INT(argc, 6);
	CHECK(getenv("CORPUS_COLOUR") == NULL);
	CHECK_STR(getenv("CORPUS_BEFORE"), "1");
	getrlimit(RLIMIT_NOFILE, &after);
	CHECK(before.rlim_cur == after.rlim_cur && before.rlim_max == after.rlim_max);
	CHECK_INT(umask(mask), mask);
	CHECK(getcwd(there, sizeof(there)) != NULL);
	CHECK_STR(there, here);
	CHECK_STR(here, getenv("CORPUS_TMP"));
	CHECK_STR(setlocale(LC_ALL, NULL), "C");
	for (char **e = environ; *e != NULL; e++) /* nothing of ours is in the way of the program */
		rankferry += strncmp(*e, "OMPI_RANKFERRY", 14) == 0;
	CHECK_INT(rankferry, 0);
	CHECK_INT(atoi(getenv("OMPI_COMM_WORLD_RANK")), corpus_rank);
	for (int i = 1; i < argc; i++)
		corpus_add(argv[i], strlen(argv[i]));
	corpus_add_int(mask);
	CHECK_INT(chdir("/"), 0);
	return corpus_finish();
}
