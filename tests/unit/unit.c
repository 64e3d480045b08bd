/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "unit.h"

#include <CUnit/TestRun.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DEADLINE 60 /* seconds for a whole program */

static unsigned int number;
static const char *skipped;
static char tmpdir[256];

/* CUnit keeps one list of failures for all tests; only those from here on are the current test's.
 */
static void test_done(const CU_pTest test, const CU_pSuite suite, const CU_pFailureRecord failure)
{
	const char *verdict = failure ? "not ok" : "ok";
	CU_pFailureRecord f;

	(void)suite;
	if (skipped)
		printf("%s %u - %s # SKIP %s\n", verdict, ++number, test->pName, skipped);
	else
		printf("%s %u - %s\n", verdict, ++number, test->pName);
	for (f = failure; f; f = f->pNext)
		printf("#   %s:%u: %s\n", f->strFileName, f->uiLineNumber, f->strCondition);
	fflush(stdout);
	skipped = NULL;
}

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

int unit_run(const char *noun, const struct unit_test *tests)
{
	const struct unit_test *t;
	CU_pSuite suite;
	unsigned int planned = 0, failed;

	alarm(DEADLINE);
	if (CU_initialize_registry() != CUE_SUCCESS || !(suite = CU_add_suite(noun, NULL, NULL))) {
		printf("Bail out! CUnit: %s\n", CU_get_error_msg());
		return 1;
	}
	for (t = tests; t->name; t++, planned++) {
		if (!CU_add_test(suite, t->name, t->run)) {
			printf("Bail out! CUnit: %s: %s\n", t->name, CU_get_error_msg());
			return 1;
		}
	}
	printf("1..%u\n", planned);
	fflush(stdout);
	CU_set_test_complete_handler(test_done);
	CU_run_all_tests();
	failed = CU_get_number_of_tests_failed();
	printf("# %s: %u tests, %u failed; %u checks, %u failed\n", noun,
	       CU_get_number_of_tests_run(), failed, CU_get_number_of_asserts(),
	       CU_get_number_of_failures());
	CU_cleanup_registry();
	if (*tmpdir)
		nftw(tmpdir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	return failed || number != planned;
}

void unit_skip(const char *why)
{
	skipped = why;
}

const char *unit_tmpdir(void)
{
	const char *base = getenv("TMPDIR");

	if (*tmpdir)
		return tmpdir;
	snprintf(tmpdir, sizeof(tmpdir), "%s/rankferry-unit-XXXXXX", base ? base : "/tmp");
	if (!mkdtemp(tmpdir)) {
		printf("Bail out! %s cannot be made\n", tmpdir);
		exit(1);
	}
	return tmpdir;
}
