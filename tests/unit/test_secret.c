/* SPDX-License-Identifier: BSD-3-Clause */
#include "unit.h"

#include <string.h>

#include "wire/secret.h"

static void test_null(void)
{
	struct rf_secret secret;
	struct rf_error err;

	CU_ASSERT_EQUAL(rf_secret_create(NULL, &err), -1);
	CU_ASSERT_EQUAL(rf_secret_parse(NULL, &secret, &err), -1);
	CU_ASSERT_EQUAL(rf_secret_parse("", NULL, &err), -1);
	rf_secret_wipe(NULL);
}

static void test_bad(void)
{
	static const char good[] =
		"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
	char text[RF_SECRET_TEXT + 1];
	struct rf_secret secret;
	struct rf_error err;

	CU_ASSERT_EQUAL(rf_secret_parse(good, &secret, &err), 0);
	CU_ASSERT_EQUAL(rf_secret_parse("", &secret, &err), -1);
	CU_ASSERT_EQUAL(rf_secret_parse(good + 1, &secret, &err), -1);
	strcpy(text, good);
	strcat(text, "0");
	CU_ASSERT_EQUAL(rf_secret_parse(text, &secret, &err), -1);
	strcpy(text, good);
	text[63] = 'g';
	CU_ASSERT_EQUAL(rf_secret_parse(text, &secret, &err), -1);
	CU_ASSERT_PTR_NULL(strstr(err.text, "0011"));
	text[63] = 'F';
	CU_ASSERT_EQUAL(rf_secret_parse(text, &secret, &err), -1);
	text[63] = ' ';
	CU_ASSERT_EQUAL(rf_secret_parse(text, &secret, &err), -1);
}

static void test_random(void)
{
	struct rf_secret a, b, back;
	char text[RF_SECRET_TEXT];

	CU_ASSERT_EQUAL(rf_secret_create(&a, NULL), 0);
	CU_ASSERT_EQUAL(rf_secret_create(&b, NULL), 0);
	CU_ASSERT_NOT_EQUAL(memcmp(&a, &b, sizeof(a)), 0);
	rf_secret_format(&a, text);
	CU_ASSERT_EQUAL(strlen(text), RF_SECRET_TEXT - 1);
	CU_ASSERT_EQUAL(rf_secret_parse(text, &back, NULL), 0);
	CU_ASSERT_EQUAL(memcmp(&a, &back, sizeof(a)), 0);
	rf_secret_wipe(&a);
	memset(&b, 0, sizeof(b));
	CU_ASSERT_EQUAL(memcmp(&a, &b, sizeof(a)), 0);
}

static const struct unit_test tests[] = {
	{"NULL is refused", test_null},
	{"only 64 lower-case hex digits are a secret, and errors do not show it", test_bad},
	{"secrets differ, survive the way through text, and can be wiped", test_random},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("secret", tests);
}
