/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A rank that lends its identity to a rank of another mpirun: donor DIRECTORY GENERATION writes its
 * environment to a file there, and ends when the other writes that it has done with it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char **argv)
{
	const char *rank = getenv("OMPI_COMM_WORLD_RANK");
	char path[512], partial[520];
	struct timespec turn = {0, 5000000};
	FILE *file;

	if (argc != 3 || !rank)
		return 2;
	snprintf(path, sizeof(path), "%s/lent.%s.%s", argv[1], argv[2], rank);
	snprintf(partial, sizeof(partial), "%s.new", path);
	file = fopen(partial, "w");
	if (!file)
		return 2;
	for (char **e = environ; *e; e++)
		fwrite(*e, strlen(*e) + 1, 1, file);
	if (fclose(file) || rename(partial, path))
		return 2;
	snprintf(path, sizeof(path), "%s/left.%s.%s", argv[1], argv[2], rank);
	for (int i = 0; i < 60000 && access(path, F_OK); i++) {
		if (getppid() == 1)
			return 3;
		nanosleep(&turn, NULL);
	}
	return access(path, F_OK) ? 4 : 0;
}
