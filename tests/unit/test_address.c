/* SPDX-License-Identifier: BSD-3-Clause */
#include "unit.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/address.h"

static union rf_address list[RF_ADDRESS_LIST];
static struct rf_error err;

static void test_bad(void)
{
	static const struct {
		const char *text, *fault;
	} bad[] = {
		{"", "no address given"},
		{",", "entry 1: \"\""},
		{"127.0.0.1", "entry 1"},
		{"127.0.0.1:", "entry 1"},
		{"127.0.0.1:0", "entry 1"},
		{"127.0.0.1:65536", "entry 1"},
		{"127.0.0.1:080", "entry 1"},
		{"127.0.0.1:+80", "entry 1"},
		{"127.0.0.1:80 ", "entry 1"},
		{" 127.0.0.1:80", "entry 1"},
		{"127.0.0.1:80,", "entry 2: \"\""},
		{"127.0.0.1:80,localhost:80", "entry 2: \"localhost:80\""},
		{"127.1:80", "entry 1"},
		{"::1:80", "entry 1"},
		{"[::1]", "entry 1"},
		{"[]:80", "entry 1"},
		{"[127.0.0.1]:80", "entry 1"},
		{"[::1:80", "entry 1"},
		{"[fe80::1%eth0]:80", "entry 1"},
	};
	char many[RF_ADDRESS_LIST * 16 + 64] = "";
	size_t i;

	CU_ASSERT_EQUAL(rf_address_parse(NULL, list, &err), -1);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CU_ASSERT_EQUAL(rf_address_parse(bad[i].text, list, &err), -1);
		if (!strstr(err.text, bad[i].fault)) {
			CU_FAIL("wrong error text");
			printf("# %s\n", err.text);
		}
	}
	for (i = 0; i < RF_ADDRESS_LIST; i++)
		strcat(many, "127.0.0.1:80,");
	many[strlen(many) - 1] = '\0';
	CU_ASSERT_EQUAL(rf_address_parse(many, list, &err), RF_ADDRESS_LIST);
	strcat(many, ",127.0.0.1:80");
	CU_ASSERT_EQUAL(rf_address_parse(many, list, &err), -1);
	memset(many, '1', RF_ADDRESS_TEXT * 2);
	many[RF_ADDRESS_TEXT * 2] = '\0';
	CU_ASSERT_EQUAL(rf_address_parse(many, list, &err), -1);
}

static void test_good(void)
{
	char text[RF_ADDRESS_TEXT];

	CU_ASSERT_EQUAL_FATAL(
		rf_address_parse("10.1.0.2:4711,[2001:db8::2]:1,[::ffff:1.2.3.4]:65535", list,
				 &err),
		3);
	CU_ASSERT_EQUAL(list[0].v4.sin_port, htons(4711));
	CU_ASSERT_EQUAL(rf_address_size(&list[0]), sizeof(struct sockaddr_in));
	CU_ASSERT_EQUAL(rf_address_size(&list[1]), sizeof(struct sockaddr_in6));
	rf_address_format(&list[0], text);
	CU_ASSERT_STRING_EQUAL(text, "10.1.0.2:4711");
	rf_address_format(&list[1], text);
	CU_ASSERT_STRING_EQUAL(text, "[2001:db8::2]:1");
	rf_address_format(&list[2], text);
	CU_ASSERT_STRING_EQUAL(text, "1.2.3.4:65535");
	list[0].any.sa_family = AF_UNIX;
	rf_address_format(&list[0], text);
	CU_ASSERT_STRING_EQUAL(text, "unix");
	list[0].any.sa_family = AF_UNSPEC;
	rf_address_format(&list[0], text);
	CU_ASSERT_STRING_EQUAL(text, "unknown");
}

static bool is_loopback(const union rf_address *address)
{
	if (address->any.sa_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr);
	return ntohl(address->v4.sin_addr.s_addr) >> 24 == 127;
}

static void test_own(void)
{
	char *text = rf_address_own(4711, 0, &err);
	int i, n = rf_address_parse(text, list, &err);

	CU_ASSERT_FATAL(n > 0);
	for (i = 0; i < n; i++) {
		CU_ASSERT_EQUAL(list[i].any.sa_family, AF_INET);
		CU_ASSERT_EQUAL(list[i].v4.sin_port, htons(4711));
		CU_ASSERT(i == 0 || is_loopback(&list[i]) >= is_loopback(&list[i - 1]));
	}
	free(text);
	text = rf_address_own(4711, 1, &err);
	n = rf_address_parse(text, list, &err);
	CU_ASSERT_FATAL(n > 0);
	CU_ASSERT_PTR_NULL(strstr(text, "fe80"));
	for (i = 1; i < n; i++)
		CU_ASSERT(is_loopback(&list[i]) >= is_loopback(&list[i - 1]));
	free(text);
}

static const struct unit_test tests[] = {
	{"what is no address list is refused, naming the entry", test_bad},
	{"addresses parse and format back", test_good},
	{"a host's own addresses end with loopback", test_own},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("address", tests);
}
