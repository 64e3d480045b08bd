/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "unit.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire/body.h"
#include "wire/clocks.h"
#include "wire/rankmsg.h"
#include "wire/step.h"

static void test_limits(void)
{
	char *large = calloc(1, RF_BODY_MAX + 1);
	size_t size;
	int fd;

	CU_ASSERT_EQUAL(rf_body_create("", 0), -1);
	CU_ASSERT_EQUAL(rf_body_create(large, RF_BODY_MAX + 1), -1);
	CU_ASSERT_EQUAL(errno, EMSGSIZE);
	CU_ASSERT_PTR_NULL(rf_body_map(-1, &size));
	fd = memfd_create("unsealed", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	CU_ASSERT_EQUAL(write(fd, "abc", 3), 3);
	CU_ASSERT_PTR_NULL(rf_body_map(fd, &size));
	CU_ASSERT_EQUAL(errno, EPROTO);
	close(fd);
	fd = rf_body_create(large, RF_BODY_MAX);
	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(ftruncate(fd, 10), -1);
	CU_ASSERT_EQUAL(write(fd, "x", 1), -1);
	close(fd);
	free(large);
}

/* One message with a body through a real pair of sockets, as between a keeper and a rank. */
static void test_travel(void)
{
	struct rf_rankmsg message;
	int pair[2], fds[RF_RANKMSG_FDS], n, fd;
	const void *body;
	size_t size;

	CU_ASSERT_FATAL(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
	fd = rf_body_create("some bytes", 10);
	rf_rankmsg_init(&message, RF_RANKMSG_REPORT, 5, RF_WHERE_PARKED, "");
	message.id = 77;
	message.step = RF_STEP_TARGETS;
	message.error = -1;
	CU_ASSERT_EQUAL(rf_rankmsg_send(pair[0], &message, &fd, 1), 0);
	close(fd);
	memset(&message, 0, sizeof(message));
	CU_ASSERT_EQUAL(rf_rankmsg_receive(pair[1], &message, fds, &n), 1);
	CU_ASSERT_EQUAL_FATAL(n, 1);
	CU_ASSERT_EQUAL(message.id, 77);
	CU_ASSERT_EQUAL(message.step, RF_STEP_TARGETS);
	CU_ASSERT_EQUAL(message.error, -1);
	CU_ASSERT_EQUAL(message.value, RF_WHERE_PARKED);
	body = rf_body_map(fds[0], &size);
	close(fds[0]);
	CU_ASSERT_PTR_NOT_NULL_FATAL(body);
	CU_ASSERT_EQUAL(size, 10);
	CU_ASSERT_EQUAL(memcmp(body, "some bytes", 10), 0);
	rf_body_unmap(body, size);
	close(pair[0]);
	close(pair[1]);
}

/* The last word of a peer that has closed without reading ours, as a keeper may to a slot. */
static void test_last_word(void)
{
	struct rf_rankmsg message;
	int pair[2];

	CU_ASSERT_FATAL(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
	rf_rankmsg_init(&message, RF_RANKMSG_SIGNAL, 0, 15, NULL);
	CU_ASSERT_EQUAL(rf_rankmsg_send(pair[0], &message, NULL, 0), 0);
	rf_rankmsg_init(&message, RF_RANKMSG_ENDED, 0, 139, NULL);
	CU_ASSERT_EQUAL(rf_rankmsg_send(pair[1], &message, NULL, 0), 0);
	close(pair[1]);
	memset(&message, 0, sizeof(message));
	CU_ASSERT_EQUAL(rf_rankmsg_receive(pair[0], &message, NULL, NULL), 1);
	CU_ASSERT_EQUAL(message.kind, RF_RANKMSG_ENDED);
	CU_ASSERT_EQUAL(message.value, 139);
	CU_ASSERT_EQUAL(rf_rankmsg_receive(pair[0], &message, NULL, NULL), 0);
	close(pair[0]);
}

static void test_clocks(void)
{
	struct rf_clocks *clocks = calloc(1, rf_clocks_size(2));
	struct rf_clock like = {.cid = 9, .members = 3};

	clocks->count = 2;
	clocks->clock[0] = (struct rf_clock){.cid = 1, .members = 2, .seq = 10};
	clocks->clock[1] = (struct rf_clock){.cid = 9, .members = 3, .seq = 20};
	CU_ASSERT_PTR_EQUAL(rf_clocks_check(clocks, rf_clocks_size(2)), clocks);
	CU_ASSERT_PTR_NULL(rf_clocks_check(clocks, rf_clocks_size(2) - 1));
	CU_ASSERT_PTR_NULL(rf_clocks_check(clocks, rf_clocks_size(2) + 1));
	CU_ASSERT_PTR_NULL(rf_clocks_check(clocks, 4));
	CU_ASSERT_PTR_NULL(rf_clocks_check(NULL, 0));
	CU_ASSERT_PTR_EQUAL(rf_clocks_find(clocks, &like), &clocks->clock[1]);
	like.key[15] = 1;
	CU_ASSERT_PTR_NULL(rf_clocks_find(clocks, &like));
	CU_ASSERT(rf_clock_compare(&clocks->clock[0], &clocks->clock[1]) < 0);
	CU_ASSERT(rf_clock_compare(&like, &clocks->clock[1]) > 0);
	clocks->where = RF_WHERES;
	CU_ASSERT_PTR_NULL(rf_clocks_check(clocks, rf_clocks_size(2)));
	clocks->where = 0;
	clocks->clock[0].members = 1;
	CU_ASSERT_PTR_NULL(rf_clocks_check(clocks, rf_clocks_size(2)));
	free(clocks);
}

static const struct unit_test tests[] = {
	{"a body has a size within limits, and can not be changed", test_limits},
	{"a message and its body arrive as they were sent", test_travel},
	{"the last word of a peer that has closed is heard", test_last_word},
	{"clocks of a wrong size or place are refused", test_clocks},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("body", tests);
}
