/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/durable.h"
#include "util/fd.h"

static char dir[PATH_MAX], path[PATH_MAX + 16];

static void fresh(void)
{
	static int n;

	snprintf(dir, sizeof(dir), "%s/%d", unit_tmpdir(), n++);
	snprintf(path, sizeof(path), "%s/file", dir);
	CU_ASSERT_EQUAL_FATAL(mkdir(dir, 0700), 0);
}

static int entries(void)
{
	struct dirent *entry;
	DIR *d = opendir(dir);
	int n = 0;

	while ((entry = readdir(d)))
		n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(d);
	return n;
}

static void holds(const char *wanted)
{
	RF_FD_AUTO int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text = rf_fd_read(fd, 1000, NULL, path, NULL);

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	CU_ASSERT_STRING_EQUAL(text, wanted);
	free(text);
}

static void test_null(void)
{
	struct rf_error err;

	CU_ASSERT_PTR_NULL(rf_durable_create(NULL, 0600, &err));
	CU_ASSERT_PTR_NULL(rf_durable_create("", 0600, &err));
	CU_ASSERT_PTR_NULL(rf_durable_create("/tmp/", 0600, &err));
	CU_ASSERT_EQUAL(rf_durable_clean(NULL, &err), -1);
	rf_durable_abandon(NULL);
}

static void test_errors(void)
{
	char name[NAME_MAX + 1];
	struct rf_error err;

	fresh();
	CU_ASSERT_EQUAL(rf_durable_write("/nonexistent/file", 0600, "x", 1, &err), -1);
	CU_ASSERT_STRING_EQUAL(err.text, "/nonexistent/file: No such file or directory");
	CU_ASSERT_EQUAL(rf_durable_clean("/nonexistent", &err), -1);
	memset(name, 'n', NAME_MAX);
	name[NAME_MAX] = '\0';
	CU_ASSERT_PTR_NULL(rf_durable_create(name, 0600, &err));
	CU_ASSERT_EQUAL(err.code, ENAMETOOLONG);
	CU_ASSERT_EQUAL(mkdir(path, 0700), 0);
	CU_ASSERT_EQUAL(rf_durable_write(path, 0600, "x", 1, &err), -1);
	CU_ASSERT_EQUAL(err.code, EISDIR);
	CU_ASSERT_EQUAL(entries(), 1);
}

static void test_whole(void)
{
	struct rf_durable *durable;
	struct stat st;

	fresh();
	CU_ASSERT_EQUAL(rf_durable_write(path, 0640, "old", 3, NULL), 0);
	holds("old");
	durable = rf_durable_create(path, 0600, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(durable);
	CU_ASSERT_EQUAL(rf_fd_write(rf_durable_fd(durable), "new", 3, "", NULL), 0);
	holds("old");
	CU_ASSERT_EQUAL(entries(), 2);
	CU_ASSERT_EQUAL(rf_durable_publish(durable, NULL), 0);
	holds("new");
	CU_ASSERT_EQUAL(entries(), 1);
	CU_ASSERT_EQUAL(stat(path, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0600);
	durable = rf_durable_create(path, 0600, NULL);
	rf_durable_abandon(durable);
	holds("new");
	CU_ASSERT_EQUAL(entries(), 1);
}

static void test_relative(void)
{
	char *cwd = getcwd(NULL, 0);

	fresh();
	CU_ASSERT_EQUAL(chdir(dir), 0);
	CU_ASSERT_EQUAL(rf_durable_write("file", 0600, "here", 4, NULL), 0);
	holds("here");
	CU_ASSERT_EQUAL(chdir(cwd), 0);
	free(cwd);
}

static void test_clean(void)
{
	struct rf_durable *alive;
	char other[PATH_MAX + 32];
	int status;
	pid_t pid;

	fresh();
	alive = rf_durable_create(path, 0600, NULL);
	pid = fork();
	if (pid == 0) {
		/* a writer that dies; its parent's lock is not inherited: it opens a file of its
		 * own */
		rf_durable_create(path, 0600, NULL);
		_exit(0);
	}
	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	CU_ASSERT_EQUAL(entries(), 2);
	snprintf(other, sizeof(other), "%s/.x.partial-12345g", dir);
	close(open(other, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	CU_ASSERT_EQUAL(rf_durable_clean(dir, NULL), 1);
	CU_ASSERT_EQUAL(rf_durable_clean(dir, NULL), 0);
	CU_ASSERT_EQUAL(entries(), 2);
	CU_ASSERT_EQUAL(rf_durable_publish(alive, NULL), 0);
	holds("");
}

static const struct unit_test tests[] = {
	{"NULL and names of directories are refused", test_null},
	{"errors name the file and leave nothing", test_errors},
	{"readers see the old file or the new one", test_whole},
	{"paths without a directory are in the current one", test_relative},
	{"leftovers of the dead go, files being written stay", test_clean},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("durable", tests);
}
