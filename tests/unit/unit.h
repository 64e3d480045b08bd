/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Unit tests: one program per noun, tests/unit/test_NOUN.c, CUnit for the checks, TAP for the
 *output.
 *
 *	static void test_null(void) { CU_ASSERT_EQUAL(rf_noun_size(NULL), 0); }
 *
 *	static const struct unit_test tests[] = {
 *		{"NULL is an empty noun", test_null},
 *		{NULL, NULL},
 *	};
 *
 *	int main(void) { return unit_run("noun", tests); }
 *
 * and in tests/unit/local.mk: add the name to UNIT_TESTS and a line with its LDADD.
 */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

#include <CUnit/CUnit.h>

struct unit_test {
	const char *name; /* what holds, as a short sentence; NULL ends the table */
	void (*run)(void);
};

/*
 * Runs the table in order and prints one TAP line a test, the failed checks behind it, and CUnit's
 * totals. A test program that takes more than 60 s is ended by SIGALRM. Returns main()'s status: 0,
 * or 1 if anything failed.
 */
int unit_run(const char *noun, const struct unit_test *tests);

/* Called from a test: counts it as skipped, and says why. The text must stay valid. */
void unit_skip(const char *why);

/* A directory of this program's own, 0700, removed when unit_run() returns. */
const char *unit_tmpdir(void);

#endif
