/* SPDX-License-Identifier: BSD-3-Clause */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "image/cpu.h"
#include "launcher/likeness.h"

static json_t *describe(void)
{
	struct rf_error err;
	json_t *texts = rf_likeness_describe(getpid(), &err);

	CU_ASSERT_PTR_NOT_NULL_FATAL(texts);
	return texts;
}

/* The text that begins so, or has it in it if it begins with '*'. */
static size_t find(const json_t *texts, const char *what)
{
	const json_t *text;
	size_t i;

	json_array_foreach(texts, i, text)
	{
		const char *found = strstr(json_string_value(text), what + (*what == '*'));

		if (found && (*what == '*' || found == json_string_value(text)))
			return i;
	}
	CU_FAIL_FATAL("it is not described");
	return 0;
}

static void change(json_t *texts, size_t at, char old, char new)
{
	char *text = strdup(json_string_value(json_array_get(texts, at)));
	char *c = strrchr(text, old);

	CU_ASSERT_PTR_NOT_NULL_FATAL(c);
	*c = new;
	json_array_set_new(texts, at, json_string(text));
	free(text);
}

static void test_same(void)
{
	json_t *texts = describe();
	struct rf_error err;

	find(texts, "cpu ");
	find(texts, "*test_likeness ");
	find(texts, "*/libc.so.6 ");
	CU_ASSERT_EQUAL(rf_likeness_compare(texts, &err), 0);
	json_decref(texts);
}

static void test_cpu(void)
{
	char text[2 * sizeof(struct rf_cpu) + 8] = "cpu ";
	json_t *texts = describe();
	struct rf_error err;
	struct rf_cpu cpu;
	size_t i;

	rf_cpu_read(&cpu);
	memset(cpu.features, 0xff, sizeof(cpu.features)); /* no CPU has all */
	for (i = 0; i < sizeof(cpu); i++)
		sprintf(text + 4 + 2 * i, "%02x", ((const unsigned char *)&cpu)[i]);
	json_array_set_new(texts, find(texts, "cpu "), json_string(text));
	CU_ASSERT_EQUAL(rf_likeness_compare(texts, &err), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "features that this one"));
	json_array_set_new(texts, 0, json_string("cpu 12"));
	CU_ASSERT_EQUAL(rf_likeness_compare(texts, &err), -1);
	CU_ASSERT_STRING_EQUAL(err.text, "its CPU can not be compared");
	json_decref(texts);
}

static void test_program(void)
{
	json_t *texts = describe();
	size_t at = find(texts, "*test_likeness ");
	struct rf_error err;

	change(texts, at,
	       json_string_value(json_array_get(
		       texts, at))[strlen(json_string_value(json_array_get(texts, at))) - 1],
	       '-');
	CU_ASSERT_EQUAL(rf_likeness_compare(texts, &err), -1);
	CU_ASSERT_EQUAL(strncmp(err.text, "another program: /", 18), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "test_likeness differs"));
	json_decref(texts);
}

static void test_glibc(void)
{
	json_t *texts = json_pack("[s]", "/nowhere/libc.so.6 0123");
	struct rf_error err;

	CU_ASSERT_EQUAL(rf_likeness_compare(texts, &err), -1);
	CU_ASSERT_STRING_EQUAL(err.text, "another glibc: no /nowhere/libc.so.6");
	json_array_set_new(texts, 0, json_string("/nowhere/libmpi.so.40.30.4 0123"));
	CU_ASSERT_EQUAL(rf_likeness_compare(texts, &err), -1);
	CU_ASSERT_STRING_EQUAL(err.text, "another Open MPI: no /nowhere/libmpi.so.40.30.4");
	json_array_set_new(texts, 0, json_string("nonsense"));
	CU_ASSERT_EQUAL(rf_likeness_compare(texts, &err), -1);
	json_decref(texts);
}

/* Without a build-id, as a script, the size tells. */
static void test_plain_file(void)
{
	json_t *texts = json_pack("[s]", "/proc/self/status size-0");
	struct rf_error err;

	CU_ASSERT_EQUAL(rf_likeness_compare(texts, &err), 0);
	json_array_set_new(texts, 0, json_string("/proc/self/status size-1"));
	CU_ASSERT_EQUAL(rf_likeness_compare(texts, &err), -1);
	json_decref(texts);
	CU_ASSERT_PTR_NULL(rf_likeness_describe(0x7ffffff0, &err));
}

/* As a keeper is asked: a child reads the files. */
static void test_answers(void)
{
	json_t *question = json_pack("{s:i, s:i}", "rank", 3, "pid", (int)getpid());
	json_t *described = rf_likeness_answer(question), *compared, *texts;

	CU_ASSERT_EQUAL(json_integer_value(json_object_get(described, "code")), 0);
	texts = json_object_get(described, "texts");
	find(texts, "*test_likeness ");
	json_decref(question);
	question = json_pack("{s:i, s:i, s:O}", "rank", 3, "generation", 2, "texts", texts);
	compared = rf_likeness_answer(question);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(compared, "code")), 0);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(compared, "text")), "");
	json_decref(compared);
	change(texts, find(texts, "*test_likeness "), 't', 'T');
	compared = rf_likeness_answer(question);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(compared, "code")), ENOENT);
	json_decref(compared);
	json_decref(question);
	json_decref(described);
}

static const struct unit_test tests[] = {
	{"a process may go on where it is", test_same},
	{"a keeper's answers", test_answers},
	{"not on a CPU that lacks something", test_cpu},
	{"not with another program", test_program},
	{"not without its glibc or Open MPI", test_glibc},
	{"files without a build-id are compared, too", test_plain_file},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("likeness", tests);
}
