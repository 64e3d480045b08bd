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

#include "util/rundir.h"

static char base[PATH_MAX], dir[PATH_MAX + 64];
static char path[RF_RUNDIR_PATH];
static struct rf_error err;

static void fresh(void)
{
	static int n;

	snprintf(base, sizeof(base), "%s/%d", unit_tmpdir(), n++);
	snprintf(dir, sizeof(dir), "%s/rankferry-%u", base, geteuid());
	CU_ASSERT_EQUAL_FATAL(mkdir(base, 0755), 0);
	memset(&err, 0, sizeof(err));
}

static void refused(const char *why)
{
	CU_ASSERT_EQUAL(rf_rundir_open_in(base, path, &err), -1);
	if (!strstr(err.text, why)) {
		CU_FAIL("wrong error text");
		printf("# %s\n", err.text);
	}
}

static void test_null(void)
{
	fresh();
	CU_ASSERT_EQUAL(rf_rundir_open_in(NULL, path, &err), -1);
	CU_ASSERT_EQUAL(rf_rundir_open_in("", path, &err), -1);
	CU_ASSERT_EQUAL(rf_rundir_open_in("tmp", path, &err), -1);
	CU_ASSERT_EQUAL(rf_rundir_enter(AT_FDCWD, NULL, &err), -1);
	CU_ASSERT_EQUAL(rf_rundir_remove(AT_FDCWD, NULL, &err), -1);
}

static void test_made(void)
{
	struct stat st;
	int fd, again;

	fresh();
	fd = rf_rundir_open_in(base, path, &err);
	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_STRING_EQUAL(path, dir);
	CU_ASSERT_EQUAL(stat(path, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0700);
	CU_ASSERT(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	again = rf_rundir_open_in(base, path, &err);
	CU_ASSERT(again >= 0);
	close(fd);
	close(again);
}

static void test_planted(void)
{
	char elsewhere[PATH_MAX + 64];

	fresh();
	snprintf(elsewhere, sizeof(elsewhere), "%s/elsewhere", base);
	CU_ASSERT_EQUAL(mkdir(elsewhere, 0700), 0);
	CU_ASSERT_EQUAL(symlink(elsewhere, dir), 0);
	refused("not a directory (a symbolic link is not accepted)");
	unlink(dir);
	close(open(dir, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	refused("not a directory");
	unlink(dir);
	CU_ASSERT_EQUAL(mkdir(dir, 0700), 0);
	chmod(dir, 0710);
	refused("is open to others (mode 0710)");
	chmod(dir, 0701);
	refused("is open to others (mode 0701)");
	chmod(dir, 0700);
	if (geteuid() == 0) {
		CU_ASSERT_EQUAL(chown(dir, 12345, 12345), 0);
		refused("belongs to uid 12345, not to you (uid 0)");
	}
}

static void test_base(void)
{
	fresh();
	chmod(base, 0777);
	refused("others may rename what is in");
	chmod(base, 01777);
	CU_ASSERT(rf_rundir_open_in(base, path, &err) >= 0);
	if (geteuid() == 0) {
		CU_ASSERT_EQUAL(chown(base, 12345, 12345), 0);
		refused("others may rename what is in");
	}
	snprintf(base, sizeof(base), "/%0*d", RF_RUNDIR_PATH - 10, 0);
	refused("too long for sockets");
	snprintf(base, sizeof(base), "/nonexistent");
	refused("No such file or directory");
}

static void test_environment(void)
{
	char *saved = getenv("XDG_RUNTIME_DIR");
	char wanted[RF_RUNDIR_PATH];
	int fd;

	saved = saved ? strdup(saved) : NULL;
	fresh();
	setenv("XDG_RUNTIME_DIR", base, 1);
	fd = rf_rundir_open(path, &err);
	CU_ASSERT(fd >= 0);
	CU_ASSERT_STRING_EQUAL(path, dir);
	close(fd);
	/* what is not this user's directory is passed over */
	snprintf(wanted, sizeof(wanted), "/tmp/rankferry-%u", geteuid());
	setenv("XDG_RUNTIME_DIR", "/nonexistent", 1);
	fd = rf_rundir_open(path, &err);
	if (fd >= 0)
		close(fd);
	CU_ASSERT_STRING_EQUAL(path, wanted);
	setenv("XDG_RUNTIME_DIR", "relative", 1);
	fd = rf_rundir_open(path, &err);
	if (fd >= 0)
		close(fd);
	CU_ASSERT_STRING_EQUAL(path, wanted);
	if (saved)
		setenv("XDG_RUNTIME_DIR", saved, 1);
	else
		unsetenv("XDG_RUNTIME_DIR");
	free(saved);
}

static void test_jobs(void)
{
	static const char *const bad[] = {"", ".", "..", ".hidden", "a/b", "a b", "a\n", "/"};
	int fd, job;
	size_t i;

	fresh();
	fd = rf_rundir_open_in(base, path, &err);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CU_ASSERT_EQUAL(rf_rundir_enter(fd, bad[i], &err), -1);
		CU_ASSERT_EQUAL(rf_rundir_remove(fd, bad[i], &err), -1);
	}
	job = rf_rundir_enter(fd, "job-1", &err);
	CU_ASSERT(job >= 0);
	CU_ASSERT_EQUAL(symlinkat("job-1", fd, "job-2"), 0);
	CU_ASSERT_EQUAL(rf_rundir_enter(fd, "job-2", &err), -1);
	close(job);
	close(fd);
}

static void test_remove(void)
{
	char outside[PATH_MAX + 64];
	int fd, job;

	fresh();
	snprintf(outside, sizeof(outside), "%s/precious", base);
	close(open(outside, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	fd = rf_rundir_open_in(base, path, &err);
	job = rf_rundir_enter(fd, "job", &err);
	CU_ASSERT_EQUAL(mkdirat(job, "ranks", 0700), 0);
	close(openat(job, "ranks/0", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	CU_ASSERT_EQUAL(symlinkat(base, job, "link"), 0);
	CU_ASSERT_EQUAL(mkfifoat(job, "fifo", 0600), 0);
	close(job);
	CU_ASSERT_EQUAL(rf_rundir_remove(fd, "job", &err), 0);
	CU_ASSERT_EQUAL(faccessat(fd, "job", F_OK, 0), -1);
	CU_ASSERT_EQUAL(access(outside, F_OK), 0);
	CU_ASSERT_EQUAL(rf_rundir_remove(fd, "job", &err), 0);
	CU_ASSERT_EQUAL(symlinkat(base, fd, "job"), 0);
	CU_ASSERT_EQUAL(rf_rundir_remove(fd, "job", &err), 0);
	CU_ASSERT_EQUAL(access(outside, F_OK), 0);
	CU_ASSERT_EQUAL(faccessat(fd, "job", F_OK, AT_SYMLINK_NOFOLLOW), -1);
	close(fd);
}

static const struct unit_test tests[] = {
	{"NULL and relative paths are refused", test_null},
	{"it is made for its user alone", test_made},
	{"links, files and other people's directories are refused", test_planted},
	{"a place where others may rename is refused", test_base},
	{"XDG_RUNTIME_DIR counts if it is the user's directory", test_environment},
	{"jobs have directories with plain names", test_jobs},
	{"removal takes all of a job and follows no link", test_remove},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("rundir", tests);
}
