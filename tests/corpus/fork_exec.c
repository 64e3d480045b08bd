/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Children of a rank: fork with and without exec, system, popen and posix_spawn, between MPI calls.
 *
 * corpus: ranks=1,2
 * corpus: refused-while=a child|pipe to another process
 * corpus: flags=-Wno-clobbered
 */
#include "corpus.h"
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

static int ring(long round)
{
	int value = corpus_value(corpus_rank, round, 0), in;

	MPI_Sendrecv(&value, 1, MPI_INT, (corpus_rank + 1) % corpus_size, 0, &in, 1, MPI_INT,
		     (corpus_rank + corpus_size - 1) % corpus_size, 0, MPI_COMM_WORLD,
		     MPI_STATUS_IGNORE);
	CHECK_INT(in, corpus_value((corpus_rank + corpus_size - 1) % corpus_size, round, 0));
	return in;
}

int main(int argc, char **argv)
{
	int status;
	char line[100] = "";
	pid_t pid;

	corpus_init(&argc, &argv);
	for (long round = 0; round < corpus_rounds; round++) {
		int value = ring(round);

		fflush(NULL);
		pid = fork();
		if (pid == 0) { /* a child that computes, allocates and leaves */
			char *memory = malloc(1 << 20);

			memset(memory, value, 1 << 20);
			_exit(memory[12345] == (char)value ? value % 50 : 99);
		}
		ring(round);
		CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
		CHECK_INT(WEXITSTATUS(status), value % 50);
		CHECK_INT(WEXITSTATUS(system("exit 7")), 7);
		FILE *pipe = popen("echo $((6 * 7))", "r");
		CHECK(pipe != NULL && fgets(line, sizeof(line), pipe) != NULL);
		CHECK_STR(line, "42\n");
		CHECK_INT(pclose(pipe), 0);
		char *words[] = {"sh", "-c", "test \"$0\" = zero && exit 3", "zero", NULL};
		CHECK_INT(posix_spawn(&pid, "/bin/sh", NULL, NULL, words, environ), 0);
		CHECK(waitpid(pid, &status, 0) == pid);
		CHECK_INT(WEXITSTATUS(status), 3);
		pid = vfork();
		if (pid == 0) {
			execl("/bin/true", "true", (char *)NULL);
			_exit(98);
		}
		CHECK(waitpid(pid, &status, 0) == pid);
		CHECK_INT(status, 0);
		corpus_add_int(value);
	}
	if (corpus_rank == 0)
		CHECK_INT(system("echo from the child of rank 0"), 0);
	return corpus_finish();
}
