/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/kinds.h"
#include "wire/message.h"

static struct rf_error err;

/* A kind of each shape, from the real table, so that these tests follow it. */
static const char text_kind[] = "{\"kind\":\"failed\",\"code\":5,\"text\":\"x\"}";

static void refused(const char *json, const char *why)
{
	CU_ASSERT_PTR_NULL(rf_message_decode(json, strlen(json), &err));
	if (!strstr(err.text, why)) {
		CU_FAIL("wrong error text");
		printf("# %s: %s\n", json, err.text);
	}
}

static void test_null(void)
{
	CU_ASSERT_PTR_NULL(rf_message_create(&err, NULL, NULL));
	CU_ASSERT_PTR_NULL(rf_message_decode(NULL, 0, &err));
	CU_ASSERT_PTR_NULL(rf_message_decode("", 0, &err));
	CU_ASSERT_PTR_NULL(rf_message_kind(NULL));
	CU_ASSERT_EQUAL(rf_message_check(NULL, &err), -1);
	CU_ASSERT_EQUAL(rf_message_encode(NULL, NULL, NULL, &err), -1);
	CU_ASSERT_PTR_NULL(rf_kind_find(NULL));
	CU_ASSERT_PTR_NULL(rf_kind_find(""));
}

static void test_bad(void)
{
	refused("x", "not JSON");
	refused("[]", "without a kind");
	refused("{}", "without a kind");
	refused("{\"kind\":5}", "without a kind");
	refused("{\"kind\":\"nonsense\"}", "unknown kind \"nonsense\"");
	refused("{\"kind\":\"failed\"", "not JSON");
	refused("{\"kind\":\"failed\",\"code\":5}", "message \"failed\": \"text\" is missing");
	refused("{\"kind\":\"failed\",\"code\":\"5\",\"text\":\"x\"}",
		"message \"failed\": \"code\" is not a whole number");
	refused("{\"kind\":\"failed\",\"code\":5.5,\"text\":\"x\"}",
		"\"code\" is not a whole number");
	refused("{\"kind\":\"failed\",\"code\":5,\"text\":null}", "\"text\" is not a text");
	refused("{\"kind\":\"failed\",\"code\":5,\"text\":\"a\\u0000b\"}", "");
	refused("{\"kind\":\"failed\",\"code\":5,\"text\":\"x\",\"more\":1}",
		"has a member that it can not have");
	refused("{\"kind\":\"failed\",\"code\":5,\"code\":5,\"text\":\"x\"}",
		"not JSON: duplicate");
	refused("{\"kind\":\"failed\",\"code\":5,\"text\":\"\xff\"}", "not JSON");
	refused("{\"kind\":\"failed\",\"code\":5,\"text\":\"x\"} {}", "not JSON");
	refused("{\"kind\":\"failed\",\"code\":99999999999999999999,\"text\":\"x\"}", "not JSON");
}

static void test_limits(void)
{
	char *deep = malloc(RF_MESSAGE_MAX + 2), *long_text = malloc(RF_MESSAGE_TEXT + 2);
	json_t *message;

	memset(deep, '[', RF_MESSAGE_MAX + 1);
	CU_ASSERT_PTR_NULL(rf_message_decode(deep, RF_MESSAGE_MAX + 1, &err));
	CU_ASSERT_EQUAL(err.code, EMSGSIZE);
	CU_ASSERT_PTR_NULL(rf_message_decode(deep, RF_MESSAGE_MAX, &err));
	memset(long_text, 'x', RF_MESSAGE_TEXT + 1);
	long_text[RF_MESSAGE_TEXT + 1] = '\0';
	CU_ASSERT_PTR_NULL(
		rf_message_create(&err, "failed", "{s:i, s:s}", "code", 1, "text", long_text));
	long_text[RF_MESSAGE_TEXT] = '\0';
	message = rf_message_create(&err, "failed", "{s:i, s:s}", "code", 1, "text", long_text);
	CU_ASSERT_PTR_NOT_NULL(message);
	json_decref(message);
	free(deep);
	free(long_text);
}

static void test_create(void)
{
	CU_ASSERT_PTR_NULL(rf_message_create(&err, "nonsense", NULL));
	CU_ASSERT_PTR_NULL(rf_message_create(&err, "failed", NULL));
	CU_ASSERT_PTR_NULL(
		rf_message_create(&err, "failed", "{s:i, s:s}", "code", 1, "text", "\xff"));
	CU_ASSERT_PTR_NULL(
		rf_message_create(&err, "failed", "{s:i, s:s}", "code", 1, "text", NULL));
	CU_ASSERT_PTR_NULL(rf_message_create(&err, "failed", "[i]", 1));
}

static void test_round(void)
{
	json_t *message =
		rf_message_create(&err, "failed", "{s:i, s:s}", "code", -5, "text", "Fu\xc3\x9f");
	const char *text = NULL;
	char *bytes;
	size_t size;
	int code = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(message);
	CU_ASSERT_STRING_EQUAL(rf_message_kind(message), "failed");
	CU_ASSERT_EQUAL(rf_message_encode(message, &bytes, &size, &err), 0);
	json_decref(message);
	message = rf_message_decode(bytes, size, &err);
	free(bytes);
	CU_ASSERT_PTR_NOT_NULL_FATAL(message);
	CU_ASSERT_EQUAL(
		rf_message_unpack(message, &err, "{s:i, s:s}", "code", &code, "text", &text), 0);
	CU_ASSERT_EQUAL(code, -5);
	CU_ASSERT_STRING_EQUAL(text, "Fu\xc3\x9f");
	CU_ASSERT_EQUAL(rf_message_unpack(message, &err, "{s:s}", "code", &text), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "message \"failed\""));
	json_decref(message);
	/* no final zero is needed */
	bytes = malloc(strlen(text_kind));
	memcpy(bytes, text_kind, strlen(text_kind));
	message = rf_message_decode(bytes, strlen(text_kind), &err);
	CU_ASSERT_PTR_NOT_NULL(message);
	json_decref(message);
	free(bytes);
}

static json_t *sample(const struct rf_member *member)
{
	switch (member->type) {
	case RF_MEMBER_TEXT:
		return json_string("text");
	case RF_MEMBER_COUNT:
		return json_integer(7);
	case RF_MEMBER_NUMBER:
		return json_integer(-7);
	case RF_MEMBER_FLAG:
		return json_true();
	case RF_MEMBER_TEXTS:
		return json_pack("[s, s]", "a", "b");
	case RF_MEMBER_COUNTS:
		return json_pack("[i, i]", 0, 2);
	case RF_MEMBER_BODY:
		return json_string("AAEC");
	}
	return NULL;
}

/* Every row of the table: the full message passes; each member is needed or not, and has its type.
 */
static void test_table(void)
{
	const struct rf_kind *kind;
	const struct rf_member *m;
	json_t *message, *wrong = json_object();
	size_t i;

	for (i = 0; (kind = rf_kind_at(i)); i++) {
		message = json_pack("{s:s}", "kind", kind->name);
		for (m = kind->members; m->name; m++)
			json_object_set_new(message, m->name, sample(m));
		CU_ASSERT_FATAL(m - kind->members <= RF_KIND_MEMBERS);
		CU_ASSERT_EQUAL(rf_message_check(message, &err), 0);
		CU_ASSERT_PTR_EQUAL(rf_kind_find(kind->name), kind);
		for (m = kind->members; m->name; m++) {
			json_object_set(message, m->name, wrong);
			CU_ASSERT_EQUAL(rf_message_check(message, &err), -1);
			json_object_del(message, m->name);
			CU_ASSERT_EQUAL(rf_message_check(message, &err), m->optional ? 0 : -1);
			json_object_set_new(message, m->name, sample(m));
		}
		json_decref(message);
	}
	CU_ASSERT(i > 0);
	json_decref(wrong);
}

static const struct unit_test tests[] = {
	{"NULL and nothing are refused", test_null},
	{"what is no message is refused, with the reason", test_bad},
	{"sizes are limited", test_limits},
	{"a sender's mistakes are found by the sender", test_create},
	{"messages survive the way through bytes", test_round},
	{"every kind has what its row says, and nothing else", test_table},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("message", tests);
}
