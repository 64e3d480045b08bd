/* SPDX-License-Identifier: BSD-3-Clause */
#include "order.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "wire/base64.h"
#include "wire/body.h"
#include "wire/message.h"

int rf_order_body(const json_t *message)
{
	const char *text = json_string_value(json_object_get(message, "body"));
	size_t size;
	void *bytes;
	int fd;

	if (!text)
		return -1;
	bytes = rf_base64_decode(text, &size, NULL);
	fd = bytes ? rf_body_create(bytes, size) : -1;
	free(bytes);
	return fd < 0 ? -2 : fd;
}

json_t *rf_order_report(const struct rf_rankmsg *report, const void *body, size_t size)
{
	char *text = body ? rf_base64_encode(body, size) : NULL;
	struct rf_error err;
	json_t *message;

	message = rf_message_create(&err, "report", "{s:i, s:i, s:i, s:i, s:i, s:s, s:s*}", "rank",
				    report->rank, "id", (int)report->id, "step", (int)report->step,
				    "where", report->value, "error", report->error, "text",
				    report->text, "body", text);
	if (!message) /* a rank has said what none may say */
		message =
			rf_message_create(NULL, "report", "{s:i, s:i, s:i, s:i, s:i, s:s}", "rank",
					  report->rank, "id", (int)(report->id & INT32_MAX), "step",
					  (int)(report->step & INT32_MAX), "where", 0, "error",
					  EPROTO, "text", "its report can not be passed on");
	free(text);
	return message;
}

json_t *rf_order_answer(int rank, int id, enum rf_step step, const struct rf_error *why)
{
	int code = !why ? 0 : why->code ? why->code : -1;

	return rf_message_create(NULL, "report", "{s:i, s:i, s:i, s:i, s:i, s:s}", "rank", rank,
				 "id", id, "step", (int)step, "where", 0, "error", code, "text",
				 why ? why->text : "");
}
