/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Files whose content is saved with the image, and changed afterwards in every way. argv[2] is a
 * directory for them.
 */
#define _GNU_SOURCE
#include "take.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define BYTES 300000

static char data[BYTES], found[BYTES + 1];

static off_t size_of(int fd)
{
	struct stat st;

	CHECK(fstat(fd, &st) == 0);
	return st.st_size;
}

/* Is there a lock of this process? Another one sees it. */
static int is_locked(int fd)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		_exit(fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type == F_WRLCK);
	CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
	return WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int table, reader, log, empty, direct, again;

	take_init(argc, argv);
	CHECK(argc > 2 && chdir(argv[2]) == 0);
	for (int i = 0; i < BYTES; i++)
		data[i] = (char)(i * 7 + i / 251);
	CHECK((table = open("table", O_RDWR | O_CREAT | O_TRUNC, 0640)) >= 0);
	CHECK((log = open("log", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0644)) >= 0);
	CHECK((empty = open("empty", O_WRONLY | O_CREAT | O_TRUNC, 0644)) >= 0);
	CHECK(write(table, data, BYTES) == BYTES && lseek(table, 1000, SEEK_SET) == 1000);
	CHECK((reader = open("table", O_RDONLY)) >= 0 && lseek(reader, 7, SEEK_SET) == 7);
	CHECK(write(log, "one\n", 4) == 4);
	CHECK(fcntl(log, F_SETLK, &lock) == 0);
	CHECK((direct = open("direct", O_RDWR | O_CREAT | O_TRUNC, 0644)) >= 0);
	CHECK(write(direct, data, 1234) == 1234 && fsync(direct) == 0);
	fcntl(direct, F_SETFL, O_DIRECT); /* not every file system has it */
	again = take();
	CHECK(is_locked(log) && size_of(direct) == 1234);
	CHECK(size_of(table) == BYTES && pread(table, found, BYTES + 1, 0) == BYTES);
	CHECK(!memcmp(found, data, BYTES) && lseek(table, 0, SEEK_CUR) == 1000);
	CHECK(read(reader, found, 10) == 10 && !memcmp(found, data + 7, 10));
	CHECK(size_of(log) == 4 && size_of(empty) == 0);
	/* the same file, as before */
	CHECK(pwrite(table, "X", 1, 100) == 1 && pread(reader, found, 1, 100) == 1);
	CHECK(found[0] == 'X' && write(log, "two\n", 4) == 4 && write(empty, "x", 1) == 1);
	CHECK(ftruncate(table, 5000) == 0 && size_of(reader) == 5000);
	printf("%s\n", again ? "restored" : "original");
	return 0;
}
