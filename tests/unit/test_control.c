/* SPDX-License-Identifier: BSD-3-Clause */
/* What a job answers to commands: the last answer, too, when it ends at the same moment. */
#define _GNU_SOURCE
#include "unit.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "launcher/control.h"
#include "wire/message.h"

static struct event_base *base;
static int begun;

static void begin(struct rf_client *client, const json_t *request, void *data)
{
	const struct rf_error why = {ECANCELED, "the job has ended"};

	(void)request;
	(void)data;
	begun++;
	rf_client_say(client, rf_message_create(NULL, "phase", "{s:s}", "name", "launch"));
	rf_client_fail(client, &why);
	event_base_loopbreak(base); /* before the loop can write */
}

static struct sockaddr_un address(void)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};

	snprintf(at.sun_path, sizeof(at.sun_path), "%s/control", unit_tmpdir());
	return at;
}

static void test_last_answer(void)
{
	static const struct rf_control_verb verbs[] = {{"status", begin, NULL}, {0}};
	static const char request[] = "{\"kind\":\"status\"}\n";
	int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un at = address();
	struct rf_control *control;
	struct rf_error err = {0};
	char text[4096];
	ssize_t n;

	base = event_base_new();
	CU_ASSERT_EQUAL_FATAL(bind(listening, (struct sockaddr *)&at, sizeof(at)), 0);
	CU_ASSERT_EQUAL_FATAL(listen(listening, 1), 0);
	control = rf_control_create(base, listening, verbs, NULL, &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(control);
	CU_ASSERT_EQUAL_FATAL(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	CU_ASSERT_EQUAL_FATAL(write(fd, request, strlen(request)), (ssize_t)strlen(request));
	event_base_dispatch(base);
	CU_ASSERT_EQUAL(begun, 1);
	rf_control_destroy(control);
	event_base_free(base);
	n = read(fd, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"launch\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "the job has ended"));
	CU_ASSERT_EQUAL(read(fd, text, sizeof(text)), 0);
	close(fd);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"the last answer is sent when the job ends at once", test_last_answer},
		{NULL, NULL},
	};

	return unit_run("control", tests);
}
