/* SPDX-License-Identifier: BSD-3-Clause */
#include "unit.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher/reach.h"
#include "util/clock.h"

/* Stands for libc's, in the child: of "hangs" nothing is ever heard, "unknown" is not known, all
 * else is this host. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
		struct addrinfo **list)
{
	static struct sockaddr_in address = {.sin_family = AF_INET};

	(void)service;
	if (strcmp(name, "hangs") == 0)
		pause();
	if (strcmp(name, "unknown") == 0)
		return EAI_NONAME;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.sin_port = htons(1); /* nobody listens there */
	*list = calloc(1, sizeof(**list));
	**list = (struct addrinfo){.ai_family = AF_INET,
				   .ai_socktype = hints->ai_socktype,
				   .ai_addr = (struct sockaddr *)&address,
				   .ai_addrlen = sizeof(address)};
	return 0;
}

void freeaddrinfo(struct addrinfo *list)
{
	free(list);
}

static unsigned reach(const char *hosts, int *ms)
{
	struct rf_hostlist *list = rf_hostlist_parse(hosts, NULL), *silent = rf_hostlist_create();
	int64_t began = rf_clock_ms();
	unsigned n = rf_reach(list, silent);

	*ms = (int)(rf_clock_ms() - began);
	CU_ASSERT_EQUAL(rf_hostlist_count(silent), n);
	rf_hostlist_destroy(list);
	rf_hostlist_destroy(silent);
	return n;
}

/* A kernel that refuses has answered; of a name that is not known nothing is said. */
static void test_answers(void)
{
	int ms;

	CU_ASSERT_EQUAL(reach("here,there,unknown", &ms), 0);
	CU_ASSERT(ms < RF_REACH_MS);
}

static void test_name_hangs(void)
{
	int ms;

	CU_ASSERT_EQUAL(reach("here,hangs", &ms), 0);
	CU_ASSERT(ms >= RF_REACH_NAMES_MS && ms < RF_REACH_NAMES_MS + RF_REACH_MS + 5000);
	CU_ASSERT_EQUAL(reach("here", &ms), 0); /* the child still hangs */
	CU_ASSERT(ms < RF_REACH_MS);
}

static const struct unit_test tests[] = {
	{"hosts that answer", test_answers},
	{"a name that is not looked up in time", test_name_hangs},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("reach", tests);
}
