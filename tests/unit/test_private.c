/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/private.h"

static char above[PATH_MAX], dir[PATH_MAX + 16];
static struct rf_error err;

static void fresh(void)
{
	static int n;

	snprintf(above, sizeof(above), "%s/%d", unit_tmpdir(), n++);
	snprintf(dir, sizeof(dir), "%s/private", above);
	CU_ASSERT_EQUAL_FATAL(mkdir(above, 0755), 0);
	memset(&err, 0, sizeof(err));
}

static void refused(const char *path, const char *why)
{
	CU_ASSERT_EQUAL(rf_private_open(path, &err), -1);
	if (!strstr(err.text, why)) {
		CU_FAIL("wrong error text");
		printf("# %s\n", err.text);
	}
}

static void accepted(void)
{
	int fd = rf_private_open(dir, &err);

	CU_ASSERT(fd >= 0);
	close(fd);
}

static void test_null(void)
{
	fresh();
	CU_ASSERT_EQUAL(rf_private_open(NULL, NULL), -1);
	refused(NULL, "no directory given");
	refused("", "is not the absolute path");
	refused("private", "is not the absolute path");
	refused("a/b", "is not the absolute path");
	refused("/", "is not the absolute path");
	refused("/tmp/", "is not the absolute path");
	refused("/nonexistent/private", "No such file or directory");
	CU_ASSERT_EQUAL(err.code, ENOENT);
}

static void test_made(void)
{
	mode_t mask = umask(0);
	struct stat st;
	int fd;

	fresh();
	fd = rf_private_open(dir, &err);
	umask(mask);
	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(stat(dir, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0700);
	CU_ASSERT(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	CU_ASSERT_EQUAL(fchdir(fd), 0);
	close(fd);
	accepted();
	CU_ASSERT_EQUAL(chdir("/"), 0);
}

static void test_planted(void)
{
	char elsewhere[PATH_MAX + 16];

	fresh();
	snprintf(elsewhere, sizeof(elsewhere), "%s/elsewhere", above);
	CU_ASSERT_EQUAL(mkdir(elsewhere, 0700), 0);
	CU_ASSERT_EQUAL(symlink(elsewhere, dir), 0);
	refused(dir, "not a directory (a symbolic link is not accepted)");
	unlink(dir);
	CU_ASSERT_EQUAL(symlink("/nonexistent", dir), 0);
	refused(dir, "not a directory (a symbolic link is not accepted)");
	unlink(dir);
	close(open(dir, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	refused(dir, "not a directory");
	unlink(dir);
	CU_ASSERT_EQUAL(mkdir(dir, 0700), 0);
	chmod(dir, 0710);
	refused(dir, "is open to others (mode 0710)");
	chmod(dir, 0701);
	refused(dir, "is open to others (mode 0701)");
	chmod(dir, 0700);
	accepted();
	if (geteuid() == 0) {
		CU_ASSERT_EQUAL(chown(dir, 12345, 12345), 0);
		refused(dir, "belongs to uid 12345, not to you (uid 0)");
	}
}

static void test_above(void)
{
	fresh();
	chmod(above, 0777);
	refused(dir, "others may exchange it");
	CU_ASSERT_EQUAL(access(dir, F_OK), -1);
	chmod(above, 0775);
	refused(dir, "others may exchange it");
	chmod(above, 01777);
	accepted();
	if (geteuid() == 0) {
		CU_ASSERT_EQUAL(chown(above, 12345, 12345), 0);
		refused(dir, "others may exchange it");
	}
}

static const struct unit_test tests[] = {
	{"NULL and what is no absolute path is refused", test_null},
	{"it is made for its user alone", test_made},
	{"links, files and other people's directories are refused", test_planted},
	{"so is a place where others could exchange it", test_above},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("private", tests);
}
