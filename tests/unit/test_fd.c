/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/fd.h"

static int scratch(void)
{
	int fd = open(unit_tmpdir(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	CU_ASSERT_FATAL(fd >= 0);
	return fd;
}

static void test_close(void)
{
	int fd = -1, kept, copy;

	rf_fd_close(NULL);
	rf_fd_close(&fd);
	fd = copy = scratch();
	errno = ENOENT;
	rf_fd_close(&fd);
	CU_ASSERT_EQUAL(fd, -1);
	CU_ASSERT_EQUAL(errno, ENOENT);
	CU_ASSERT_EQUAL(fcntl(copy, F_GETFD), -1);
	{
		RF_FD_AUTO int first = scratch();
		RF_FD_AUTO int second = scratch();

		copy = first;
		kept = rf_fd_keep(&second);
	}
	CU_ASSERT_EQUAL(fcntl(copy, F_GETFD), -1);
	CU_ASSERT(fcntl(kept, F_GETFD) >= 0);
	close(kept);
}

static void test_errors(void)
{
	struct rf_error err;
	int full = open("/dev/full", O_RDWR | O_CLOEXEC);

	CU_ASSERT_EQUAL(rf_fd_write(-1, "x", 1, "thing", &err), -1);
	CU_ASSERT_STRING_EQUAL(err.text, "thing: Bad file descriptor");
	CU_ASSERT_PTR_NULL(rf_fd_read(-1, 10, NULL, "thing", &err));
	CU_ASSERT_STRING_EQUAL(err.text, "thing: Bad file descriptor");
	CU_ASSERT_EQUAL(rf_fd_write(full, "x", 1, "disk", &err), -1);
	CU_ASSERT_STRING_EQUAL(err.text, "disk: No space left on device");
	CU_ASSERT_EQUAL(err.code, ENOSPC);
	CU_ASSERT_PTR_NULL(rf_fd_read(full, 100000, NULL, "endless", &err));
	CU_ASSERT_EQUAL(err.code, EFBIG);
	close(full);
}

static void test_sizes(void)
{
	static const size_t sizes[] = {0, 1, 4095, 4096, 4097, 8192, 8193, 1000000};
	char *bytes = malloc(1000000), *text;
	struct rf_error err;
	size_t i, size;
	int fd;

	memset(bytes, 'x', 1000000);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		fd = scratch();
		CU_ASSERT_EQUAL(rf_fd_write(fd, bytes, sizes[i], "file", &err), 0);
		lseek(fd, 0, SEEK_SET);
		text = rf_fd_read(fd, sizes[i], &size, "file", &err);
		CU_ASSERT_PTR_NOT_NULL_FATAL(text);
		CU_ASSERT_EQUAL(size, sizes[i]);
		CU_ASSERT_EQUAL(strlen(text), sizes[i]);
		CU_ASSERT_EQUAL(memcmp(text, bytes, size), 0);
		free(text);
		lseek(fd, 0, SEEK_SET);
		if (sizes[i] > 0) {
			CU_ASSERT_PTR_NULL(rf_fd_read(fd, sizes[i] - 1, &size, "file", &err));
			CU_ASSERT_EQUAL(err.code, EFBIG);
		}
		close(fd);
	}
	free(bytes);
}

static const struct unit_test tests[] = {
	{"fds are closed once, on every way out, unless kept", test_close},
	{"errors name the file", test_errors},
	{"files of all sizes come back whole, up to the limit", test_sizes},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("fd", tests);
}
