/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
/* Open files of every kind that can be kept. argv[2] is a directory for them. */
#include "take.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static long read_number(const char *path)
{
	FILE *f = fopen(path, "r");
	long n = -1;

	if (f) {
		if (fscanf(f, "%ld", &n) != 1)
			n = -2;
		fclose(f);
	}
	return n;
}

int main(int argc, char **argv)
{
	int log, append, input, twin, gone, null, ends[2], out, again, here;
	char text[64] = "", cwd[4096];
	struct rlimit limit;
	struct dirent *entry;
	FILE *stream;
	DIR *dir;
	int entries = 0;
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 3, .l_len = 4};

	take_init(argc, argv);
	CHECK(argc > 2 && chdir(argv[2]) == 0);
	umask(027);
	getrlimit(RLIMIT_CORE, &limit);
	limit.rlim_cur = 0;
	setrlimit(RLIMIT_CORE, &limit);
	CHECK((input = open("input", O_RDWR | O_CREAT | O_TRUNC, 0644)) >= 0);
	CHECK(write(input, "0123456789", 10) == 10 && close(input) == 0);
	CHECK((input = open("input", O_RDONLY | O_CLOEXEC)) >= 0 && read(input, text, 4) == 4);
	CHECK((twin = dup(input)) >= 0);
	CHECK((log = open("log", O_WRONLY | O_CREAT | O_TRUNC, 0644)) >= 0);
	CHECK((append = open("append", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0644)) >= 0);
	CHECK((gone = open("gone", O_RDWR | O_CREAT | O_TRUNC, 0600)) >= 0 && unlink("gone") == 0);
	CHECK(write(gone, "still here", 10) == 10);
	CHECK((null = open("/dev/null", O_WRONLY)) >= 0);
	CHECK(pipe2(ends, O_NONBLOCK) == 0 && write(ends[1], "in the pipe", 11) == 11);
	CHECK((here = open(".", O_RDONLY | O_DIRECTORY)) >= 0);
	CHECK((out = dup(1)) >= 0 && (out = dup2(out, 70)) == 70);
	CHECK(write(log, "one\n", 4) == 4 && write(append, "one\n", 4) == 4);
	CHECK(fcntl(log, F_SETLK, &lock) == 0 && flock(append, LOCK_EX | LOCK_NB) == 0);
	stream = fopen("stream", "w+");
	fprintf(stream, "half a line,");
	again = take();
	fprintf(stream, " and the rest\n");
	CHECK(fflush(stream) == 0);
	CHECK(write(log, "two\n", 4) == 4 && write(append, "two\n", 4) == 4);
	CHECK(read(input, text, 3) == 3 && !strncmp(text, "456", 3));
	CHECK(read(twin, text, 3) == 3 && !strncmp(text, "789", 3));
	CHECK((fcntl(input, F_GETFD) & FD_CLOEXEC) && !(fcntl(twin, F_GETFD) & FD_CLOEXEC));
	CHECK(pread(gone, text, 64, 0) == 10 && !strncmp(text, "still here", 10));
	CHECK(lseek(gone, 0, SEEK_CUR) == 10);
	CHECK(write(null, "x", 1) == 1);
	CHECK((fcntl(ends[0], F_GETFL) & O_NONBLOCK) && read(ends[0], text, 64) == 11);
	CHECK(!strncmp(text, "in the pipe", 11) && write(ends[1], "y", 1) == 1);
	CHECK(read(ends[0], text, 64) == 1 && text[0] == 'y' && read(ends[0], text, 64) == -1);
	CHECK(fcntl(append, F_GETFL) & O_APPEND);
	CHECK((dir = fdopendir(here)) != NULL);
	while ((entry = readdir(dir)))
		entries++;
	CHECK(entries >= 6);
	CHECK(getcwd(cwd, sizeof(cwd)) && strlen(cwd) >= strlen(argv[2]));
	CHECK(umask(0) == 027);
	getrlimit(RLIMIT_CORE, &limit);
	CHECK(limit.rlim_cur == 0);
	/* a lock of a process is not seen by itself: another process must meet it */
	fflush(stdout);
	if (fork() == 0) {
		int other = open("log", O_WRONLY), flocked = open("append", O_WRONLY);

		_exit(fcntl(other, F_SETLK, &lock) == -1 && flock(flocked, LOCK_EX | LOCK_NB) == -1
			      ? 0
			      : 1);
	} else {
		int status;

		CHECK(wait(&status) > 0 && status == 0);
	}
	CHECK(read_number("/proc/self/oom_score") >= 0);
	dprintf(out, "%s\n", again ? "restored" : "original");
	return 0;
}
