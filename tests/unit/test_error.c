/* SPDX-License-Identifier: BSD-3-Clause */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "util/error.h"

static void test_null(void)
{
	errno = ENOENT;
	CU_ASSERT_EQUAL(rf_error_set(NULL, EINVAL, "lost"), -1);
	CU_ASSERT_EQUAL(rf_error_errno(NULL, "lost"), -1);
	CU_ASSERT_EQUAL(rf_error_prefix(NULL, "lost"), -1);
	CU_ASSERT_EQUAL(errno, ENOENT);
}

static void test_set(void)
{
	struct rf_error err;

	CU_ASSERT_EQUAL(rf_error_set(&err, EPERM, "rank %d on %s", 3, "node1"), -1);
	CU_ASSERT_EQUAL(err.code, EPERM);
	CU_ASSERT_STRING_EQUAL(err.text, "rank 3 on node1");
}

static void test_errno(void)
{
	struct rf_error err;

	errno = ENOENT;
	CU_ASSERT_EQUAL(rf_error_errno(&err, "open %s", "/x"), -1);
	CU_ASSERT_EQUAL(err.code, ENOENT);
	CU_ASSERT_EQUAL(errno, ENOENT);
	CU_ASSERT_STRING_EQUAL(err.text, "open /x: No such file or directory");
}

static void test_prefix(void)
{
	struct rf_error err;

	rf_error_set(&err, 7, "cannot be read");
	CU_ASSERT_EQUAL(rf_error_prefix(&err, "policy %s", "a.yaml"), -1);
	CU_ASSERT_EQUAL(err.code, 7);
	CU_ASSERT_STRING_EQUAL(err.text, "policy a.yaml: cannot be read");
}

static void test_long(void)
{
	char big[2 * RF_ERROR_TEXT];
	struct rf_error err;

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	errno = EIO;
	rf_error_set(&err, 0, "%s", big);
	CU_ASSERT_EQUAL(strlen(err.text), RF_ERROR_TEXT - 1);
	rf_error_prefix(&err, "%s", big);
	CU_ASSERT_EQUAL(strlen(err.text), RF_ERROR_TEXT - 1);
	rf_error_errno(&err, "%s", big);
	CU_ASSERT_EQUAL(strlen(err.text), RF_ERROR_TEXT - 1);
}

static const struct unit_test tests[] = {
	{"no place for the error: only -1", test_null},
	{"set keeps code and text", test_set},
	{"errno is appended and preserved", test_errno},
	{"a prefix goes in front, the code stays", test_prefix},
	{"long texts are cut, never overrun", test_long},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("error", tests);
}
