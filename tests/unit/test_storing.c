/* SPDX-License-Identifier: BSD-3-Clause */
/* The coordinator's calls of a store that answers, that fails, and that hangs. */
#include "launcher/storing.h"
#include "launcher/facts.h"
#include "snapshot/store.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/clock.h"

static char hang[] = "/tmp/rf-storing.XXXXXX"; /* as long as there is this file */

/* Stands for rankferry's own, in the child. */
char *rf_store_begin(const char *store, const char *job, struct rf_error *err)
{
	char path[256];

	while (strcmp(store, hang) == 0 && access(hang, F_OK) == 0)
		usleep(10000);
	if (strcmp(job, "full") == 0) {
		rf_error_set(err, ENOSPC, "no room in %s", store);
		return NULL;
	}
	if (strcmp(job, "killed") == 0)
		abort();
	snprintf(path, sizeof(path), "%s/%s/000001.partial", store, job);
	return strdup(path);
}

int rf_store_abandon(const char *partial, struct rf_error *err)
{
	return rf_error_set(err, EACCES, "%s stays", partial);
}

int64_t rf_facts_bytes(const char *snapshot)
{
	return snapshot[0] == '/' ? INT64_C(5000000000) : 0;
}

static void test_answers(void)
{
	struct rf_error err;
	char *path = rf_storing_begin("/store", "job", &err);

	CU_ASSERT_PTR_NOT_NULL_FATAL(path);
	CU_ASSERT_STRING_EQUAL(path, "/store/job/000001.partial");
	free(path);
	CU_ASSERT_EQUAL(rf_storing_bytes("/store/job/000001"), INT64_C(5000000000));
	CU_ASSERT_TRUE(rf_storing_readable("/"));
	CU_ASSERT_FALSE(rf_storing_readable("/no/such/file"));
}

static void test_fails(void)
{
	struct rf_error err;

	CU_ASSERT_PTR_NULL(rf_storing_begin("/store", "full", &err));
	CU_ASSERT_EQUAL(err.code, ENOSPC);
	CU_ASSERT_STRING_EQUAL(err.text, "no room in /store");
	CU_ASSERT_EQUAL(rf_storing_abandon("/store/x", &err), -1);
	CU_ASSERT_STRING_EQUAL(err.text, "/store/x stays");
	CU_ASSERT_PTR_NULL(rf_storing_begin("/store", "killed", &err));
	CU_ASSERT_STRING_EQUAL(err.text, "can not use /store: who did it was killed");
}

static void test_hangs(void)
{
	int64_t begin = rf_clock_ms();
	struct rf_error err;
	int fd = mkstemp(hang);
	char *path;

	CU_ASSERT_TRUE_FATAL(fd >= 0);
	close(fd);
	CU_ASSERT_PTR_NULL(rf_storing_begin(hang, "job", &err));
	CU_ASSERT_EQUAL(err.code, ETIMEDOUT);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "has not answered for 3 s"));
	CU_ASSERT_TRUE(rf_clock_ms() - begin >= RF_STORING_MS);
	/* the one that hangs is not waited for again, nor is there another one */
	begin = rf_clock_ms();
	CU_ASSERT_FALSE(rf_storing_readable("/"));
	CU_ASSERT_EQUAL(rf_storing_abandon("/store/x", &err), -1);
	CU_ASSERT_EQUAL(err.code, ETIMEDOUT);
	CU_ASSERT_TRUE(rf_clock_ms() - begin < RF_STORING_MS);
	/* it answers again */
	unlink(hang);
	for (int i = 0; i < 500 && !rf_storing_readable("/"); i++)
		usleep(10000);
	path = rf_storing_begin("/store", "job", &err);
	CU_ASSERT_PTR_NOT_NULL(path);
	free(path);
}

static const struct unit_test tests[] = {
	{"what the store answers comes back", test_answers},
	{"what fails is told", test_fails},
	{"a store that hangs is given up, and used again when it answers", test_hangs},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("storing", tests);
}
